import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { KeepAliveTimes } from "../connection.ts";

/** What `KeepAlive` needs from a socket. `bytesRead` counts everything that ever arrived, pongs and half messages too. */
export interface Watched {
  readonly bytesRead: number;
  /** True while this side does not read on purpose: silence is then its own doing. */
  readonly isReadingPaused: boolean;
  readonly keepAliveTimes: KeepAliveTimes;
  ping(): void;
  dead(): void;
}

interface Watch {
  bytesRead: number;
  heardAt: number;
  pingedAt: number;
}

const tick = 1_000;
/** A tick this late means that this process slept or was stopped: silence then says nothing about the peers. */
const stalledAfter = 3_000;

/**
 * Pings sockets and ends the ones that went silent: a half-open connection never says that it is gone. One timer for all
 * sockets, none while there are no sockets, and no work per message: a socket lives when its byte count moves.
 */
export class KeepAlive implements Disposable {
  readonly #clock: Clock;
  readonly #watches = new Map<Watched, Watch>();
  #timer: Disposable | undefined;
  #tickedAt = 0;
  #disposed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(socket: Watched): void {
    const now = this.#clock.monotonicTime();
    this.#watches.set(socket, { bytesRead: socket.bytesRead, heardAt: now, pingedAt: now });
    if (this.#timer !== undefined || this.#disposed) return;
    this.#tickedAt = now;
    this.#timer = this.#clock.repeat(tick, () => this.#tick());
  }

  remove(socket: Watched): void {
    this.#watches.delete(socket);
    if (this.#watches.size === 0) this.#stopTimer();
  }

  dispose(): void {
    this.#disposed = true;
    this.#watches.clear();
    this.#stopTimer();
  }

  #stopTimer(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #tick(): void {
    const now = this.#clock.monotonicTime();
    const stalled = now - this.#tickedAt > stalledAfter;
    this.#tickedAt = now;
    for (const [socket, watch] of this.#watches) {
      const { pingEvery, deadAfter } = socket.keepAliveTimes;
      const { bytesRead } = socket;
      if (stalled || socket.isReadingPaused || bytesRead !== watch.bytesRead) {
        watch.bytesRead = bytesRead;
        watch.heardAt = now;
      } else if (now - watch.heardAt >= deadAfter) {
        socket.dead();
        continue;
      }
      if (now - watch.pingedAt >= pingEvery - tick / 2) {
        watch.pingedAt = now;
        socket.ping();
      }
    }
  }
}
