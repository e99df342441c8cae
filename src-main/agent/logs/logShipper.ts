import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { describeError, toPicketError } from "../../base/errors.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import type { NodeLogEntry } from "../../protocols/nodes/messages.ts";
import type { Policy } from "../policy/policy.ts";
import type { LogRules } from "../policy/policySchema.ts";
import { type AgentEvents, agentSource } from "./agentEvents.ts";
import type { CollectedLine, SourceHandler } from "./collectedLine.ts";
import { LineMasker } from "./lineMasker.ts";
import { LogBatch } from "./logBatch.ts";
import { type OpenSources, openSources } from "./openSources.ts";
import { Positions } from "./positions.ts";

export interface LogShipperOptions {
  /** Where it is kept up to where the core has each source. */
  readonly file: string;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly events: AgentEvents;
}

/** Sends a batch; resolves when the core has stored it. */
export type SendLogs = (batch: { readonly entries: NodeLogEntry[]; readonly dropped: number }) => Promise<void>;

const maxInFlight = 4;
/** Lines wait this long for others to go with. */
const gatherTime = 200;
const retryDelay = 5_000;
const lookAtPolicyEvery = 5_000;
/** A line older than this is no flood of this moment: it waits for its turn instead of being dropped. */
const freshTime = 10_000;
/** So many seconds' worth may come at once. */
const burstSeconds = 10;
const maxEvents = 200;

/**
 * Brings lines to one core. Sources are open only while it is connected and wants them; nothing is kept here that can be
 * read again. Where a source goes on is remembered when the core has acked, in the order in which it was read.
 */
export class LogShipper implements Disposable {
  readonly #options: LogShipperOptions;
  readonly #positions: Positions;
  readonly #owned = new DisposableStore();
  /** Up to where each source is read in this connection. */
  readonly #read = new Map<string, string>();
  #send: SendLogs | undefined;
  #rules: LogRules | undefined;
  #sources: OpenSources | undefined;
  #bucket: TokenBucket | undefined;
  #batches: LogBatch[] = [];
  #batch = new LogBatch();
  #events: NodeLogEntry[] = [];
  #dropped = 0;
  #paused = false;
  /** Timers of this connection. */
  #timers = new DisposableStore();
  #gathering = false;
  #waiting = false;

  constructor(options: LogShipperOptions) {
    this.#options = options;
    const { file, clock, events } = options;
    this.#positions = this.#owned.add(new Positions({ file, clock, logger: events.quiet }));
    this.#owned.add(events.onEntry((entry) => this.#onEvent(entry)));
  }

  /** The core wants lines. */
  connected(send: SendLogs): void {
    this.disconnected();
    this.#send = send;
    this.#timers = new DisposableStore();
    this.#timers.add(this.#options.clock.repeat(lookAtPolicyEvery, () => void this.#lookAtPolicy()));
    void this.#lookAtPolicy();
  }

  disconnected(): void {
    this.#send = undefined;
    this.#timers.dispose();
    this.#closeSources();
    this.#read.clear();
    const unacked = [...this.#batches, this.#batch].filter(({ state }) => state !== "acked");
    this.#events = [...unacked.flatMap(({ events }) => events), ...this.#events].slice(-maxEvents);
    this.#dropped += unacked.reduce((sum, { dropped }) => sum + dropped, 0);
    this.#batches = [];
    this.#batch = new LogBatch();
    this.#gathering = false;
    this.#waiting = false;
    this.#paused = false;
    this.#positions.flush();
  }

  dispose(): void {
    this.disconnected();
    this.#owned.dispose();
  }

  async #lookAtPolicy(): Promise<void> {
    const { capabilities, logs } = await this.#options.policy.rules();
    if (this.#send === undefined) return;
    const rules = capabilities.has("logs") ? logs : undefined;
    if (rules === this.#rules && (rules === undefined || this.#sources !== undefined)) return;
    this.#closeSources();
    this.#rules = rules;
    if (rules === undefined) return;
    const { clock } = this.#options;
    this.#bucket = new TokenBucket(clock, { rate: rules.linesPerSecond, burst: rules.linesPerSecond * burstSeconds });
    this.#sources = openSources({
      rules,
      position: (source) => this.#read.get(source) ?? this.#positions.get(source),
      handler: (source) => this.#handler(source, rules),
      clock,
    });
    this.#sources.setPaused(this.#paused);
    this.#gather();
  }

  #closeSources(): void {
    this.#sources?.dispose();
    this.#sources = undefined;
    this.#rules = undefined;
  }

  #handler(source: string, rules: LogRules): SourceHandler {
    const masker = new LineMasker(rules.mask);
    return {
      line: (line) => {
        // What a source still says after it was closed will be read again.
        if (rules === this.#rules) this.#onLine(source, masker, line);
      },
      trouble: (message) => {
        const { clock, events } = this.#options;
        events.quiet.warn(message);
        this.#onEvent({ time: clock.wallTime(), level: "warning", source: agentSource, message });
      },
    };
  }

  #onLine(from: string, masker: LineMasker, { position, backlog, ...line }: CollectedLine): void {
    const { clock } = this.#options;
    const isFresh = !backlog && clock.wallTime() - line.time < freshTime;
    // Masked even when it is dropped: it may be the beginning of a key.
    const message = masker.mask(line.message);
    if (position !== undefined) {
      this.#read.set(from, position);
      this.#batch.positions.set(from, position);
    }
    if (isFresh && this.#bucket?.take() === false) {
      this.#batch.dropped += 1;
    } else {
      if (!isFresh && this.#bucket?.spend() === false) this.#slowDown();
      this.#batch.add({ ...line, message });
    }
    this.#gather();
  }

  #onEvent(entry: NodeLogEntry): void {
    this.#events.push(entry);
    if (this.#events.length > maxEvents) this.#events.shift();
    this.#gather();
  }

  /** Old lines go no faster than the policy says. */
  #slowDown(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#setPaused(true);
    const delay = this.#bucket?.waitTime ?? 0;
    this.#timers.add(
      this.#options.clock.schedule(delay, () => {
        this.#waiting = false;
        this.#pump();
      }),
    );
  }

  #gather(): void {
    if (this.#rules === undefined) return;
    if (this.#batch.isFull) this.#seal();
    if (this.#gathering) return;
    this.#gathering = true;
    this.#timers.add(
      this.#options.clock.schedule(gatherTime, () => {
        this.#gathering = false;
        this.#seal();
      }),
    );
  }

  #seal(): void {
    this.#batch.dropped += this.#dropped;
    this.#dropped = 0;
    this.#close();
    // Never into a batch that is full: a core refuses one with more lines than may be, and all of it would be lost.
    for (const event of this.#events.splice(0)) {
      if (this.#batch.isFull) this.#close();
      this.#batch.add(event);
      this.#batch.events.push(event);
    }
    this.#close();
    this.#pump();
  }

  #close(): void {
    if (this.#batch.isEmpty) return;
    this.#batches.push(this.#batch);
    this.#batch = new LogBatch();
  }

  #pump(): void {
    const send = this.#send;
    if (send === undefined) return;
    let inFlight = 0;
    for (const batch of this.#batches) {
      if (inFlight >= maxInFlight) break;
      inFlight += 1;
      if (batch.state === "waiting") this.#sendBatch(send, batch);
    }
    this.#setPaused(this.#waiting || this.#batches.length >= maxInFlight);
  }

  #sendBatch(send: SendLogs, batch: LogBatch): void {
    batch.state = "sent";
    send({ entries: batch.entries, dropped: batch.dropped }).then(
      () => this.#onAcked(send, batch),
      (error: unknown) => this.#onFailed(send, batch, error),
    );
  }

  #onAcked(send: SendLogs, batch: LogBatch): void {
    if (send !== this.#send) return;
    batch.state = "acked";
    // Only as far as everything before has arrived too.
    while (this.#batches[0]?.state === "acked") {
      for (const [source, position] of this.#batches.shift()?.positions ?? []) this.#positions.set(source, position);
    }
    this.#pump();
  }

  #onFailed(send: SendLogs, batch: LogBatch, error: unknown): void {
    const { code, retryable } = toPicketError(error);
    // The connection it went over is gone; everything not acked is read again.
    if (send !== this.#send || code === "PEER_LOST") return;
    this.#options.events.quiet.warn("lines were not stored", { error: describeError(error) });
    if (!retryable && code !== "NODE_NOT_FOUND") {
      // What the core will never take would stand in the way of everything behind it.
      this.#onAcked(send, batch);
      return;
    }
    this.#timers.add(
      this.#options.clock.schedule(retryDelay, () => {
        batch.state = "waiting";
        this.#pump();
      }),
    );
  }

  #setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#sources?.setPaused(paused);
  }
}
