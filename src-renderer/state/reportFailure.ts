import { toPicketError } from "../../src-main/base/errors.ts";
import type { App } from "./app.ts";

/** Tells the user why an action of theirs failed, and what can be done about it. */
export function reportFailure({ i18n, toasts }: Pick<App, "i18n" | "toasts">, thrown: unknown): void {
  const { message, remedy } = i18n.t.errors[toPicketError(thrown).code];
  toasts.failed(message, remedy);
}
