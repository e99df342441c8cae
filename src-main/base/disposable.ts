/** Something that was opened and must be closed. Disposing twice is the same as once. */
export interface Disposable {
  dispose(): void;
}

/** A disposable that runs `undo` once. */
export function toDisposable(undo: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      undo();
    },
  };
}

/**
 * Owns disposables and disposes them in reverse order. What is added after `dispose` is disposed at once: the start that
 * finishes after the stop must not leak.
 */
export class DisposableStore implements Disposable {
  #owned: Disposable[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const disposable of this.#owned.reverse()) {
      try {
        disposable.dispose();
      } catch (error) {
        // The others must not stay open because of it.
        errors.push(error);
      }
    }
    this.#owned = [];
    if (errors.length > 0) throw errors[0];
  }
}
