import { type Disposable, toDisposable } from "./disposable.ts";

export type Listener<T> = (value: T) => void;

/** Tells listeners in the order in which they subscribed. A listener that throws is reported and stops no other one. */
export class Emitter<T> {
  #listeners = new Set<Listener<T>>();
  readonly #onListenerError: (error: unknown) => void;

  /** @param onListenerError by default the error is thrown again outside, where it ends the process as any bug does */
  constructor(onListenerError: (error: unknown) => void = throwLater) {
    this.#onListenerError = onListenerError;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  subscribe(listener: Listener<T>): Disposable {
    // A wrapper of its own, so that the same function subscribed twice is two subscriptions.
    const own: Listener<T> = (value) => listener(value);
    this.#listeners.add(own);
    return toDisposable(() => this.#listeners.delete(own));
  }

  emit(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
