import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { SpooledSample } from "../spool/sampleQueue.ts";
import { SampleSpool } from "../spool/sampleSpool.ts";

export interface SampleSenderOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends one sample; resolves when the core has stored it. */
export type SendSample = (sample: SpooledSample) => Promise<void>;

/** So many samples are under way at a time: a day's backlog goes out in seconds and no faster than it is stored. */
const maxInFlight = 64;
/** After the core could not store a sample it gets this long. */
const retryDelay = 5_000;
/** Samples that wait longer than this are put onto the disk, link or no link. */
const persistAfter = 10_000;

/** Brings samples to the core, oldest first, each until it is acked. */
export class SampleSender implements Disposable {
  readonly #spool: SampleSpool;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inFlight = new Set<number>();
  #send: SendSample | undefined;
  #onUnknownNode: (() => Promise<void>) | undefined;
  #retry: Disposable | undefined;

  constructor({ file, clock, logger }: SampleSenderOptions) {
    this.#spool = new SampleSpool(file, logger);
    this.#clock = clock;
    this.#logger = logger;
  }

  add(sample: SpooledSample): void {
    this.#spool.add(sample);
    this.#pump();
    const [oldest] = this.#spool.peek(0, 1);
    if (oldest !== undefined && sample.time - oldest.time >= persistAfter) this.#spool.persist();
  }

  /** @param onUnknownNode registers the node again when the core has no record of it */
  connected(send: SendSample, onUnknownNode: () => Promise<void>): void {
    this.#send = send;
    this.#onUnknownNode = onUnknownNode;
    this.#inFlight.clear();
    this.#pump();
  }

  disconnected(): void {
    this.#send = undefined;
    this.#retry?.dispose();
    this.#retry = undefined;
    this.#spool.persist();
  }

  dispose(): void {
    this.disconnected();
    this.#spool.close();
  }

  #pump(): void {
    const send = this.#send;
    if (send === undefined || this.#retry !== undefined) return;
    // Half a window at a time: not one look into the spool per ack.
    if (this.#inFlight.size > maxInFlight / 2) return;
    for (const sample of this.#spool.peek(0, maxInFlight)) {
      if (this.#inFlight.size >= maxInFlight) return;
      if (this.#inFlight.has(sample.time)) continue;
      this.#inFlight.add(sample.time);
      send(sample).then(
        () => this.#onStored(send, sample.time),
        (error: unknown) => this.#onFailed(send, { time: sample.time, error }),
      );
    }
  }

  #onStored(send: SendSample, time: number): void {
    this.#spool.acked(time);
    if (send !== this.#send) return;
    this.#inFlight.delete(time);
    this.#pump();
  }

  #onFailed(send: SendSample, { time, error }: { readonly time: number; readonly error: unknown }): void {
    // The connection it went over is gone; the next one sends it again.
    if (send !== this.#send) return;
    const { code, retryable } = toPicketError(error);
    this.#inFlight.delete(time);
    if (code === "PEER_LOST") return;
    if (code === "NODE_NOT_FOUND") {
      this.#send = undefined;
      void this.#onUnknownNode?.();
      return;
    }
    this.#logger.warn("a sample was not stored", { error: describeError(error) });
    // What the core will never take would stand in the way of everything behind it.
    if (!retryable) this.#spool.acked(time);
    this.#retry ??= this.#clock.schedule(retryDelay, () => {
      this.#retry = undefined;
      this.#pump();
    });
  }
}
