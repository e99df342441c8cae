import type { Documents } from "../../../core/documents/documents.ts";
import type { AuditNote } from "../requests/handler.ts";

/** What a transfer needs beside its connection. */
export interface TransferServices {
  readonly documents: Pick<Documents, "tasks" | "uploads" | "downloads">;
  /** Told which document it is about. */
  readonly note: AuditNote;
}

/** How long a peer may think before it says the word that the exchange waits for, in milliseconds. */
export const answerTimeout = 30_000;
/** For how long a peer may neither send nor take a byte in the middle of a transfer. */
export const stallTimeout = 120_000;
