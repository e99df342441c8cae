import type { Clock } from "../../src-main/base/clock.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "done" | "failed";
  readonly text: string;
  readonly detail: string | undefined;
}

const doneLifetime = 4_000;
/** A failure is read, not glanced at. */
const failedLifetime = 10_000;
const most = 4;

/** How the user's own actions ended. What happens by itself has its place on the page, never here. */
export class Toasts {
  readonly #clock: Clock;
  #list = $state.raw<readonly Toast[]>([]);
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get list(): readonly Toast[] {
    return this.#list;
  }

  done(text: string): void {
    this.#add({ tone: "done", text, detail: undefined }, doneLifetime);
  }

  failed(text: string, detail?: string): void {
    this.#add({ tone: "failed", text, detail }, failedLifetime);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, "id">, lifetime: number): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#list = [...this.#list.slice(-(most - 1)), { id, ...toast }];
    this.#clock.schedule(lifetime, () => this.dismiss(id));
  }
}
