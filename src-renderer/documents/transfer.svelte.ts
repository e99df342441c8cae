import type { Clock } from "../../src-main/base/clock.ts";
import { PicketError, toPicketError } from "../../src-main/base/errors.ts";

export type TransferDirection = "upload" | "download";
export type TransferStatus = "waiting" | "running" | "paused" | "done" | "skipped" | "cancelled" | "failed";

/** What the work of a transfer is given. It goes on where an earlier attempt stood. */
export interface TransferRun {
  /** Aborted by a pause and by cancelling. */
  readonly signal: AbortSignal;
  readonly progress: (done: number) => void;
  /** The size is known only now. */
  readonly sized: (bytes: number) => void;
}

/** How the work ended when it did not throw. */
export type TransferOutcome = "done" | "skipped";

export interface TransferOptions {
  readonly id: number;
  readonly direction: TransferDirection;
  readonly name: string;
  /** The folders in which it lies, as people read them; empty: none are said. */
  readonly place: string;
  /** Bytes; undefined: not known yet. */
  readonly size: number | undefined;
  readonly clock: Clock;
  readonly run: (run: TransferRun) => Promise<TransferOutcome>;
  /** Lets go of what the transfer held, when nothing will go on with it. */
  readonly dropped?: (() => void) | undefined;
}

/** The rate is of the last few seconds, in milliseconds. */
const rateWindow = 4_000;

/** A file on its way. */
export class Transfer {
  readonly id: number;
  readonly direction: TransferDirection;
  readonly name: string;
  readonly place: string;
  readonly #options: TransferOptions;
  #status = $state<TransferStatus>("waiting");
  #size = $state<number | undefined>();
  #moved = $state(0);
  #rate = $state<number | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #controller: AbortController | undefined;
  #marks: { readonly at: number; readonly moved: number }[] = [];

  constructor(options: TransferOptions) {
    this.#options = options;
    this.id = options.id;
    this.direction = options.direction;
    this.name = options.name;
    this.place = options.place;
    this.#size = options.size;
  }

  get status(): TransferStatus {
    return this.#status;
  }

  get size(): number | undefined {
    return this.#size;
  }

  /** Bytes that the other side has. */
  get moved(): number {
    return this.#moved;
  }

  /** Bytes a second; undefined while nothing moves. */
  get rate(): number | undefined {
    return this.#rate;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Nothing will happen with it by itself any more, and nothing waits for the user. */
  get isOver(): boolean {
    return this.#status === "done" || this.#status === "skipped" || this.#status === "cancelled";
  }

  /** It moves, or will as soon as there is room. */
  get isPending(): boolean {
    return this.#status === "waiting" || this.#status === "running";
  }

  /** Resolves when it stopped for whatever reason: its status says which. */
  async start(): Promise<void> {
    if (this.#status !== "waiting") return;
    this.#status = "running";
    this.#error = undefined;
    this.#marks = [];
    const controller = new AbortController();
    this.#controller = controller;
    try {
      const outcome = await this.#options.run({
        signal: controller.signal,
        progress: (moved) => this.#progress(moved),
        sized: (bytes) => {
          this.#size = bytes;
        },
      });
      if (!controller.signal.aborted || outcome === "done") this.#end(outcome);
    } catch (thrown) {
      // A pause and a cancel have set the status themselves.
      if (!controller.signal.aborted) {
        this.#error = toPicketError(thrown);
        this.#status = "failed";
      }
    } finally {
      if (this.#controller === controller) this.#controller = undefined;
      this.#rate = undefined;
    }
  }

  pause(): void {
    if (!this.isPending) return;
    this.#status = "paused";
    this.#controller?.abort();
  }

  /** After a pause or a failure: it waits for its turn again. */
  resume(): void {
    if (this.#status === "paused" || this.#status === "failed") this.#status = "waiting";
  }

  cancel(): void {
    if (this.isOver) return;
    this.#end("cancelled");
    this.#controller?.abort(new PicketError("CANCELLED"));
  }

  #end(status: "done" | "skipped" | "cancelled"): void {
    if (this.isOver) return;
    this.#status = status;
    if (status === "done" && this.#size !== undefined) this.#moved = this.#size;
    this.#options.dropped?.();
  }

  #progress(moved: number): void {
    const at = this.#options.clock.monotonicTime();
    this.#moved = moved;
    this.#marks.push({ at, moved });
    while ((this.#marks[1]?.at ?? at) < at - rateWindow) this.#marks.shift();
    const [first] = this.#marks;
    if (first !== undefined && at - first.at >= 500)
      this.#rate = Math.max(0, ((moved - first.moved) * 1000) / (at - first.at));
  }
}
