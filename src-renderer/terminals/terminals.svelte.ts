import { SvelteMap } from "svelte/reactivity";
import * as z from "zod/mini";
import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import { parseJson } from "../../src-main/base/parseJson.ts";
import type { TextStore } from "../platform/platform.ts";
import type { Link } from "../state/link.svelte.ts";
import type { ScreenSize } from "./terminalScreen.ts";
import { type ContainerPlace, TerminalTab } from "./terminalTab.svelte.ts";

export interface TerminalsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly store: TextStore;
  readonly theme: () => "light" | "dark";
  readonly lostText: (bytes: number) => string;
}

const kept = z.object({
  username: z.string(),
  tabs: z.array(
    z.object({
      nodeId: z.string(),
      container: z.optional(z.object({ id: z.string(), name: z.string() })),
      session: z.string(),
      number: z.number(),
      cols: z.number(),
      rows: z.number(),
    }),
  ),
});
const storeKey = "terminals";
const usualSize: ScreenSize = { cols: 80, rows: 24 };

/**
 * Every terminal of this window. They go on while other pages are shown; after a reload, or when the same user signs in
 * again, those whose shells are still there come back.
 */
export class Terminals implements Disposable {
  readonly #options: TerminalsOptions;
  readonly #owned = new DisposableStore();
  readonly #tabs = new SvelteMap<string, readonly TerminalTab[]>();
  readonly #chosen = new SvelteMap<string, TerminalTab>();
  #restored = false;

  constructor(options: TerminalsOptions) {
    this.#options = options;
    this.#owned.add(options.link.onReady(() => void this.#restore()));
  }

  of(nodeId: string): readonly TerminalTab[] {
    return this.#tabs.get(nodeId) ?? [];
  }

  /** The one that is shown. */
  chosen(nodeId: string): TerminalTab | undefined {
    return this.#chosen.get(nodeId) ?? this.of(nodeId)[0];
  }

  choose(tab: TerminalTab): void {
    this.#chosen.set(tab.nodeId, tab);
  }

  /** A shell of the node, or one in a container of it. */
  async open(nodeId: string, container?: ContainerPlace): Promise<void> {
    const number = Math.max(0, ...this.of(nodeId).map((tab) => tab.number)) + 1;
    const tab = await this.#add({ nodeId, container, number, size: usualSize });
    this.choose(tab);
  }

  /** Ends the shell and takes its tab away. */
  close(tab: TerminalTab): void {
    const tabs = this.of(tab.nodeId);
    const at = tabs.indexOf(tab);
    const left = tabs.filter((other) => other !== tab);
    const neighbour = left[Math.min(at, left.length - 1)];
    this.#tabs.set(tab.nodeId, left);
    if (neighbour === undefined) this.#chosen.delete(tab.nodeId);
    else if (this.#chosen.get(tab.nodeId) === tab) this.choose(neighbour);
    tab.close();
    this.#save();
  }

  /** The user signs out: nothing stays, here or there. */
  closeAll(): void {
    for (const tabs of this.#tabs.values()) for (const tab of tabs) tab.close();
    this.#forget();
    this.#options.store.write(storeKey, undefined);
  }

  /** Nobody is signed in any more. Nothing stays on the screen; the same user may come back to the shells. */
  letGo(): void {
    for (const tabs of this.#tabs.values()) for (const tab of tabs) tab.dispose();
    this.#forget();
  }

  dispose(): void {
    this.letGo();
    this.#owned.dispose();
  }

  #forget(): void {
    this.#tabs.clear();
    this.#chosen.clear();
    this.#restored = false;
  }

  async #restore(): Promise<void> {
    if (this.#restored) return;
    this.#restored = true;
    const { store, link } = this.#options;
    const parsed = parseJson(store.read(storeKey) ?? "");
    const checked = parsed.ok ? z.safeParse(kept, parsed.value) : undefined;
    if (checked?.success !== true || checked.data.username !== link.hello?.user.username) return;
    for (const { cols, rows, ...tab } of checked.data.tabs) {
      // At once, also when nobody looks at it yet: a shell without anybody is kept for ten minutes only.
      (await this.#add({ ...tab, size: { cols, rows } })).start();
    }
  }

  async #add(tab: {
    readonly nodeId: string;
    readonly container?: ContainerPlace | undefined;
    readonly number: number;
    readonly size: ScreenSize;
    readonly session?: string;
  }): Promise<TerminalTab> {
    const { link, clock, theme, lostText } = this.#options;
    // The emulator is large, and most visits have no use for it.
    const { XtermScreen } = await import("./xtermScreen.ts");
    const made = new TerminalTab({
      ...tab,
      link,
      clock,
      screen: new XtermScreen(tab.size, theme()),
      onSession: () => this.#save(),
      lostText,
    });
    this.#tabs.set(tab.nodeId, [...this.of(tab.nodeId), made]);
    return made;
  }

  #save(): void {
    const { store, link } = this.#options;
    const username = link.hello?.user.username;
    const tabs = [...this.#tabs.values()].flat().flatMap(({ nodeId, container, session, number, screen }) => {
      return session === undefined ? [] : [{ nodeId, container, session, number, ...screen.size }];
    });
    if (username === undefined) return;
    store.write(storeKey, tabs.length === 0 ? undefined : JSON.stringify({ username, tabs }));
  }
}
