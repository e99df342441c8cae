import { type Disposable, toDisposable } from "../../../src-main/base/disposable.ts";

/** Listens to an event of the page until disposed. */
export function listen(target: EventTarget, type: string, listener: () => void): Disposable {
  target.addEventListener(type, listener);
  return toDisposable(() => target.removeEventListener(type, listener));
}
