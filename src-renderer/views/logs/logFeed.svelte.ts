import { SvelteSet } from "svelte/reactivity";
import type { Clock } from "../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import type { LogLine } from "../../../src-main/protocols/machines/messages/logs.ts";
import type { Link } from "../../state/link.svelte.ts";
import type { LogQuery } from "./logFilter.ts";
import { LogTail } from "./logTail.ts";

export interface LogFeedOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** Lines of one page. @default 500 */
  readonly pageSize?: number;
  /** With more lines than this the oldest go. @default 20000 */
  readonly maxLines?: number;
}

/** Lines that came in are shown together after this long. */
const gatherTime = 100;

/** The lines that fit a query, oldest first: those that are stored, page by page back, and those that come in. */
export class LogFeed implements Disposable {
  readonly #options: LogFeedOptions;
  readonly #pageSize: number;
  readonly #maxLines: number;
  readonly #owned = new DisposableStore();
  /** What has written the lines that were seen, whatever was asked for. */
  readonly sources = new SvelteSet<string>();
  #query: LogQuery | undefined;
  #generation = 0;
  #tail: LogTail | undefined;
  #next: number | undefined;
  #arrived: LogLine[] = [];
  #timer: Disposable | undefined;
  #lines = $state.raw<readonly LogLine[]>([]);
  #waiting = $state.raw<readonly LogLine[]>([]);
  #skipped = $state(0);
  #more = $state(false);
  #loaded = $state(false);
  #loading = $state(false);
  #paused = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(options: LogFeedOptions) {
    this.#options = options;
    this.#pageSize = options.pageSize ?? 500;
    this.#maxLines = options.maxLines ?? 20_000;
    this.#owned.add(options.link.onReady((client) => void this.#start(client)));
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** How many lines came in since it was paused. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Lines that the core left out, because more came than this console took. */
  get skipped(): number {
    return this.#skipped;
  }

  /** There are older ones. */
  get more(): boolean {
    return this.#more;
  }

  /** An answer was there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether new lines belong to it at all: not when it has an end. */
  get isOpen(): boolean {
    return this.#query?.to === undefined;
  }

  /** Shows what fits another query. */
  show(query: LogQuery): void {
    this.#query = query;
    this.#paused = false;
    const { client } = this.#options.link;
    if (client !== undefined) void this.#start(client);
  }

  pause(): void {
    this.#flush();
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#append(waiting);
  }

  /** The page before the oldest line. */
  async loadOlder(): Promise<void> {
    const generation = this.#generation;
    if (this.#loading || this.#next === undefined || this.#lines.length >= this.#maxLines) return;
    this.#loading = true;
    await this.#load(generation, this.#next);
  }

  dispose(): void {
    this.#generation += 1;
    this.#owned.dispose();
    this.#timer?.dispose();
    this.#tail?.dispose();
  }

  async #start(client: MachinesClient): Promise<void> {
    if (this.#query === undefined) return;
    this.#generation += 1;
    const generation = this.#generation;
    this.#tail?.dispose();
    this.#tail = undefined;
    this.#arrived = [];
    this.#waiting = [];
    this.#skipped = 0;
    this.#next = undefined;
    this.#loading = true;
    // First the tail, then what is stored: a line that comes between the two is in both, and shown once.
    if (this.isOpen) {
      const { from: _, to: __, ...filter } = this.#query;
      this.#tail = new LogTail(client, filter, {
        line: (line) => this.#arrive(generation, line),
        skipped: (count) => {
          if (generation === this.#generation) this.#skipped += count;
        },
        failed: (error) => {
          if (generation === this.#generation && error.code !== "PEER_LOST") this.#error = error;
        },
      });
      await this.#tail.opened;
    }
    if (generation === this.#generation) await this.#load(generation, undefined);
  }

  async #load(generation: number, before: number | undefined): Promise<void> {
    try {
      const request = { ...this.#query, limit: this.#pageSize, ...(before === undefined ? {} : { before }) };
      const { lines, next } = await this.#options.link.request("log-search", request);
      if (generation !== this.#generation) return;
      const older = lines.toReversed();
      this.#learn(older);
      this.#lines = before === undefined ? older : [...older, ...this.#lines];
      this.#next = next ?? undefined;
      this.#more = next !== null;
      this.#loaded = true;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      const error = toPicketError(thrown);
      // A lost link is no fault of the logs: the banner tells it for all.
      if (error.code !== "PEER_LOST") this.#error = error;
    }
    this.#loading = false;
    this.#flush();
  }

  #arrive(generation: number, line: LogLine): void {
    if (generation !== this.#generation) return;
    this.#arrived.push(line);
    this.#timer ??= this.#options.clock.schedule(gatherTime, () => {
      this.#timer = undefined;
      // What comes before the stored lines are there is shown behind them.
      if (!this.#loading) this.#flush();
    });
  }

  #flush(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    if (arrived.length === 0) return;
    this.#learn(arrived);
    if (this.#paused) this.#waiting = [...this.#waiting, ...arrived].slice(-this.#maxLines);
    else this.#append(arrived);
  }

  #learn(lines: readonly LogLine[]): void {
    for (const { source } of lines) this.sources.add(source);
  }

  #append(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const shown = new Set(this.#lines.slice(-2 * this.#pageSize).map(({ id }) => id));
    const all = [...this.#lines, ...lines.filter(({ id }) => !shown.has(id))];
    this.#lines = all.length > this.#maxLines ? all.slice(-this.#maxLines) : all;
    if (all.length <= this.#maxLines) return;
    // What went can be asked for again.
    this.#next = this.#lines[0]?.id;
    this.#more = true;
  }
}
