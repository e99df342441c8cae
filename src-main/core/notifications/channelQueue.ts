import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Result } from "../../base/result.ts";
import type { NotificationContent } from "./notificationContent.ts";

/** A notification on its way to one channel. */
export interface QueuedNotification {
  readonly id: string;
  readonly content: NotificationContent;
  /** How often it was tried. */
  readonly attempts: number;
}

export interface ChannelQueueOptions {
  readonly clock: Clock;
  /** Tries once; never longer than its own deadline, and never rejects. */
  readonly deliver: (notification: QueuedNotification, signal: AbortSignal) => Promise<Result<string, string>>;
  readonly onSent: (notification: QueuedNotification) => void;
  /** It is tried again in `retryIn` milliseconds; undefined: it is given up. */
  readonly onFailed: (notification: QueuedNotification, error: string, retryIn: number | undefined) => void;
  /** It made room for a newer one. */
  readonly onDropped: (notification: QueuedNotification) => void;
}

interface Waiting {
  notification: QueuedNotification;
  /** On the monotonic clock. */
  dueAt: number;
}

/** Five tries within an hour: a server that restarts, and one that somebody has to restart. */
const retryDelays = [30_000, 180_000, 720_000, 2_700_000];
const mostWaiting = 200;

/** What waits for one channel, one at a time. Each channel has its own: one that hangs holds up nobody else. */
export class ChannelQueue {
  readonly #options: ChannelQueueOptions;
  #waiting: Waiting[] = [];
  #current: Waiting | undefined;
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(options: ChannelQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** @param delay milliseconds until it is tried */
  add(notification: QueuedNotification, delay = 0): void {
    if (this.#stop.signal.aborted) return;
    if (this.#waiting.length >= mostWaiting) {
      const oldest = this.#waiting.findIndex((waiting) => waiting !== this.#current);
      for (const { notification: dropped } of this.#waiting.splice(oldest, 1)) this.#options.onDropped(dropped);
    }
    this.#waiting.push({ notification, dueAt: this.#options.clock.monotonicTime() + delay });
    this.#next();
  }

  /** Ends what is under way; it counts as not tried. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the core is stopping"));
    this.#timer?.dispose();
    await this.#running;
  }

  #next(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#running !== undefined || this.#waiting.length === 0 || this.#stop.signal.aborted) return;
    const now = this.#options.clock.monotonicTime();
    const due = this.#waiting.find(({ dueAt }) => dueAt <= now);
    if (due === undefined) {
      const soonest = Math.min(...this.#waiting.map(({ dueAt }) => dueAt));
      this.#timer = this.#options.clock.schedule(soonest - now, () => this.#next());
      return;
    }
    this.#running = this.#try(due).then(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  async #try(waiting: Waiting): Promise<void> {
    const { deliver, onSent, onFailed, clock } = this.#options;
    this.#current = waiting;
    const result = await deliver(waiting.notification, this.#stop.signal);
    this.#current = undefined;
    if (this.#stop.signal.aborted && !result.ok) return;
    const tried = { ...waiting.notification, attempts: waiting.notification.attempts + 1 };
    const retryIn = result.ok ? undefined : retryDelays[tried.attempts - 1];
    if (retryIn === undefined) this.#waiting = this.#waiting.filter((one) => one !== waiting);
    waiting.notification = tried;
    waiting.dueAt = clock.monotonicTime() + (retryIn ?? 0);
    if (result.ok) onSent(tried);
    else onFailed(tried, result.error, retryIn);
  }
}
