import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import { type Connection, closeCode } from "../../../wire/connection.ts";
import { DialError } from "../../../wire/dialError.ts";
import { MessageLine } from "../../../wire/messageLine.ts";
import type { Attach } from "../../../wire/reconnectingClient.ts";

export interface DialTransfer {
  readonly dial: (attach: Attach) => Promise<Connection>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a transfer over a connection of its own, which is gone when it ends.
 *
 * @throws {PicketError} `CANCELLED`; `PEER_LOST` also when the connection did not come about; whatever `run` throws
 */
export async function withTransferLine<T>(
  { dial, clock, signal }: DialTransfer,
  run: (line: MessageLine) => Promise<T>,
): Promise<T> {
  let line: MessageLine | undefined;
  const cancel = (): void => line?.terminate();
  signal?.addEventListener("abort", cancel);
  try {
    throwIfCancelled(signal);
    await dial((connection) => {
      line = new MessageLine(connection, clock);
      return line;
    });
    throwIfCancelled(signal);
    return await run(line as unknown as MessageLine);
  } catch (thrown) {
    throwIfCancelled(signal);
    if (thrown instanceof DialError) throw new PicketError("PEER_LOST", { details: thrown.message, cause: thrown });
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", cancel);
    line?.close(closeCode.normal, "");
  }
}

/** @throws {PicketError} `CANCELLED` */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new PicketError("CANCELLED");
}
