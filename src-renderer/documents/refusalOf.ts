import type { PicketError } from "../../src-main/base/errors.ts";
import { DocumentsRefusal } from "../../src-main/protocols/documents/client/documentsRefusal.ts";

export type RefusalKind =
  | "credentials"
  | "forbidden"
  | "missing"
  | "taken"
  | "busy"
  | "lockdown"
  | "unsupported"
  | "invalid"
  | "failed";

/** A documents server's answer to what it did not do. */
export interface Refusal {
  readonly kind: RefusalKind;
  /** The server's own words, in its own language. */
  readonly words: string;
}

const kinds: Readonly<Record<number, RefusalKind>> = {
  401: "credentials",
  403: "forbidden",
  404: "missing",
  409: "taken",
  429: "busy",
  999: "lockdown",
};

/** What the server said; undefined when the error is another one: a lost connection, for example. */
export function refusalOf(error: PicketError): Refusal | undefined {
  if (!(error instanceof DocumentsRefusal)) return undefined;
  // Servers that exist know fewer actions than this console has pages for.
  if (error.status === 400 && /^unknown action/i.test(error.message))
    return { kind: "unsupported", words: error.message };
  const kind = kinds[error.status] ?? (error.status >= 400 && error.status < 500 ? "invalid" : "failed");
  return { kind, words: error.message };
}
