import { toPicketError } from "../../src-main/base/errors.ts";
import type { App } from "../state/app.ts";
import { refusalOf } from "./refusalOf.ts";

/** Tells the user why an action of theirs failed, in the server's words where it said something. */
export function reportRefusal({ i18n, toasts }: Pick<App, "i18n" | "toasts">, thrown: unknown): void {
  const error = toPicketError(thrown);
  const refusal = refusalOf(error);
  const { documentsAdmin, errors } = i18n.t;
  if (refusal === undefined) toasts.failed(errors[error.code].message, errors[error.code].remedy);
  else toasts.failed(documentsAdmin.refusals[refusal.kind], documentsAdmin.serverSays(refusal.words));
}
