import type { Clock } from "../../../base/clock.ts";
import type { Connection } from "../../../wire/connection.ts";
import type { Attach } from "../../../wire/reconnectingClient.ts";
import type { Hasher } from "./hasher.ts";
import type { ServerTraits } from "./serverTraits.ts";

/** What a transfer needs of the client. */
export interface TransferServices {
  readonly dial: (attach: Attach) => Promise<Connection>;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly newHash: () => Hasher;
  /** Shared by all transfers of a client, and written to. */
  readonly traits: ServerTraits;
  /** The credentials for the envelope: a task's id is enough, but the server's audit log names who it was. */
  readonly identity: () => { readonly username: string; readonly token: string };
}

/** How long a server may think before it answers, in milliseconds. */
export const answerTimeout = 30_000;
/** For how long nothing may move in the middle of a transfer. */
export const stallTimeout = 60_000;
/** How long a server may take to bring a large file to its disk. */
export const storeTimeout = 300_000;
export const defaultAttempts = 5;
