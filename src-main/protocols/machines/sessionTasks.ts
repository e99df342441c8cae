/** Long work that a session has asked for, one of each name: who asks again wants the former no longer. */
export class SessionTasks {
  readonly #tasks = new Map<string, AbortController>();

  /** Ends the task of that name, if there is one; the signal is the new one's. */
  start(name: string): AbortSignal {
    this.cancel(name);
    const task = new AbortController();
    this.#tasks.set(name, task);
    return task.signal;
  }

  finish(name: string, signal: AbortSignal): void {
    if (this.#tasks.get(name)?.signal === signal) this.#tasks.delete(name);
  }

  cancel(name: string): void {
    this.#tasks.get(name)?.abort();
    this.#tasks.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#tasks.keys()]) this.cancel(name);
  }
}
