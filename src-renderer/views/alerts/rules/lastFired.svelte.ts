import { SvelteMap } from "svelte/reactivity";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import type { Link } from "../../../state/link.svelte.ts";

/** More rules than this are not a list that is read for when they last fired. */
const most = 200;

/** When each rule last raised an alert, as far as the user may see it. */
export class LastFired implements Disposable {
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  readonly #asked = new Set<string>();
  /** Null: never. */
  readonly #times = new SvelteMap<string, number | null>();

  constructor(link: Link) {
    this.#link = link;
    this.#owned.add(
      link.onPush("alert-changed", ({ alert: { ruleId, startedAt } }) => {
        this.#times.set(ruleId, Math.max(startedAt, this.#times.get(ruleId) ?? 0));
      }),
    );
    this.#owned.add(link.onReady(() => this.#asked.clear()));
  }

  /** Null: never. Undefined: not known yet. */
  of(ruleId: string): number | null | undefined {
    return this.#times.get(ruleId);
  }

  /** Finds out about the rules that were not asked about yet. */
  ask(ruleIds: readonly string[]): void {
    for (const ruleId of ruleIds.slice(0, most)) {
      if (this.#asked.has(ruleId)) continue;
      this.#asked.add(ruleId);
      this.#link.request("alert-list", { ruleId, limit: 1 }).then(
        ({ alerts }) => this.#times.set(ruleId, alerts[0]?.startedAt ?? this.#times.get(ruleId) ?? null),
        // The link is gone, or the rule is: without an answer there is nothing to show.
        () => this.#asked.delete(ruleId),
      );
    }
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
