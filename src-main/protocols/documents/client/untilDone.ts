import { fullJitter } from "../../../base/backoff.ts";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import { throwIfCancelled } from "./dialTransfer.ts";

export interface Retrying {
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How often in a row it may fail without having got any further. */
  readonly attempts: number;
  /** How far it is, or was once. */
  readonly position: () => number;
}

const longestWait = 15_000;

/**
 * Tries again after every loss of the connection, until it is done or gets no further.
 *
 * @throws {PicketError} `CANCELLED`; `PEER_LOST` or `TIMEOUT` of the last attempt; whatever else `attempt` throws, at once
 */
export async function untilDone<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
  const { clock, random, signal, attempts, position } = retrying;
  let reached = -1;
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!isLoss(thrown)) throw thrown;
      if (position() > reached) failures = 0;
      reached = Math.max(reached, position());
      if (failures >= attempts) throw thrown;
    }
    const wait = fullJitter(failures, { base: 500, cap: longestWait, ...(random === undefined ? {} : { random }) });
    await pause(clock, wait, signal);
    throwIfCancelled(signal);
  }
}

function isLoss(thrown: unknown): boolean {
  return thrown instanceof PicketError && (thrown.code === "PEER_LOST" || thrown.code === "TIMEOUT");
}

/** Ends early when it is cancelled. */
function pause(clock: Clock, wait: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.dispose();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.schedule(wait, end);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end);
  });
}
