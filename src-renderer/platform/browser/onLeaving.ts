import { type Disposable, toDisposable } from "../../../src-main/base/disposable.ts";

/** Has the browser ask whoever closes or reloads the page while `mustAsk` says so. */
export function onLeaving(mustAsk: () => boolean): Disposable {
  const leaving = (event: BeforeUnloadEvent): void => {
    if (mustAsk()) event.preventDefault();
  };
  addEventListener("beforeunload", leaving);
  return toDisposable(() => removeEventListener("beforeunload", leaving));
}
