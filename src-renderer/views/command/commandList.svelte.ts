import type { Clock } from "../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { Command } from "../../../src-main/protocols/machines/messages/commands.ts";
import type { CommandFeed } from "../../state/commandFeed.ts";
import type { Link } from "../../state/link.svelte.ts";
import type { CommandStatus } from "./commandStatus.ts";

export interface CommandListOptions {
  readonly link: Link;
  readonly commandFeed: CommandFeed;
  readonly clock: Clock;
  /** Only commands of this node. */
  readonly nodeId: string | undefined;
}

const pageSize = 50;
/** Changes are shown this much later, together: a command on a thousand nodes is some new lists, not thousands. */
const gatherTime = 100;

/** The newest commands, of one node or of all, page by page, kept up to date. */
export class CommandList implements Disposable {
  readonly #options: CommandListOptions;
  readonly #owned = new DisposableStore();
  /** Never more than the pages that were asked for. */
  #room = pageSize;
  #generation = 0;
  #changed = new Map<string, Command>();
  #timer: Disposable | undefined;
  #commands = $state.raw<readonly Command[] | undefined>();
  #hasMore = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #loading = $state(true);
  #status = $state<CommandStatus | undefined>();

  constructor(options: CommandListOptions) {
    this.#options = options;
    this.#owned.add(options.commandFeed.onChange((command) => this.#onChange(command)));
    this.#owned.add(options.link.onReady(() => void this.#load(undefined)));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  /** Newest first; undefined before the first answer. */
  get commands(): readonly Command[] | undefined {
    return this.#commands;
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  get loading(): boolean {
    return this.#loading;
  }

  /** The only status that is listed; undefined: all. */
  get status(): CommandStatus | undefined {
    return this.#status;
  }

  set status(status: CommandStatus | undefined) {
    this.#status = status;
    this.#room = pageSize;
    void this.#load(undefined);
  }

  async more(): Promise<void> {
    const last = this.#commands?.at(-1);
    if (last === undefined || this.#loading) return;
    this.#room += pageSize;
    await this.#load(last);
  }

  /** The answer of a request that made commands: shown before the push about them arrives. */
  put(commands: readonly Command[]): void {
    for (const command of commands) this.#onChange(command);
  }

  dispose(): void {
    this.#generation += 1;
    this.#owned.dispose();
  }

  /** @param after the last one of the page before; undefined: from the newest on, as far as was read before */
  async #load(after: Command | undefined): Promise<void> {
    const { link, nodeId } = this.#options;
    this.#generation += 1;
    const generation = this.#generation;
    const status = this.#status;
    this.#loading = true;
    const limit = after === undefined ? Math.min(200, this.#room) : pageSize;
    try {
      const { commands } = await link.request("command-list", {
        limit,
        ...(nodeId === undefined ? {} : { nodeId }),
        ...(status === undefined ? {} : { status }),
        ...(after === undefined ? {} : { before: after.createdAt, beforeId: after.commandId }),
      });
      if (generation !== this.#generation) return;
      this.#room = Math.max(pageSize, after === undefined ? limit : this.#room);
      this.#commands = after === undefined ? commands : join(this.#commands ?? [], commands);
      this.#hasMore = commands.length === limit;
      this.#error = undefined;
      // What changed while the question was under way may be newer than the answer.
      this.#apply();
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (generation !== this.#generation || error.code === "PEER_LOST") return;
      this.#error = error;
    }
    this.#loading = false;
  }

  #onChange(command: Command): void {
    const { nodeId, clock } = this.#options;
    if (nodeId !== undefined && command.nodeId !== nodeId) return;
    this.#changed.set(command.commandId, command);
    this.#timer ??= clock.schedule(gatherTime, () => {
      this.#timer = undefined;
      if (!this.#loading) this.#apply();
    });
  }

  #apply(): void {
    const changed = this.#changed;
    if (changed.size === 0 || this.#commands === undefined) return;
    this.#changed = new Map();
    const fits = (command: Command): boolean => this.#status === undefined || command.status === this.#status;
    const oldest = this.#commands.at(-1);
    const kept = this.#commands.filter(({ commandId }) => !changed.has(commandId));
    // One that is older than the last page is found there when that is asked for.
    const shown = [...changed.values()].filter(
      (command) => fits(command) && (!this.#hasMore || oldest === undefined || newestFirst(command, oldest) <= 0),
    );
    const all = [...kept, ...shown].sort(newestFirst);
    this.#hasMore ||= all.length > this.#room;
    this.#commands = all.slice(0, this.#room);
  }
}

function join(known: readonly Command[], more: readonly Command[]): Command[] {
  const ids = new Set(known.map(({ commandId }) => commandId));
  return [...known, ...more.filter(({ commandId }) => !ids.has(commandId))];
}

/** As the core orders them. */
function newestFirst(one: Command, other: Command): number {
  return other.createdAt - one.createdAt || (one.commandId < other.commandId ? 1 : -1);
}
