import type { Clock } from "../../src-main/base/clock.ts";
import { Transfer, type TransferOptions } from "./transfer.svelte.ts";

/** More at once would not be faster, and every one costs the core a file. */
const mostAtOnce = 3;

/** Every file on its way, on whichever page the user is. */
export class Transfers {
  readonly #clock: Clock;
  #list = $state.raw<readonly Transfer[]>([]);
  #running = 0;
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get list(): readonly Transfer[] {
    return this.#list;
  }

  readonly pending: number = $derived.by(() => this.#list.filter(({ isPending }) => isPending).length);
  readonly failed: number = $derived.by(() => this.#list.filter(({ status }) => status === "failed").length);
  /** Leaving the page now would lose something. */
  readonly unfinished: number = $derived.by(
    () => this.#list.filter(({ isOver, status }) => !isOver && status !== "failed").length,
  );
  /** Bytes of everything that is not given up, and how many of them are there. */
  readonly total: { readonly moved: number; readonly size: number } = $derived.by(() => {
    let moved = 0;
    let size = 0;
    for (const transfer of this.#list) {
      if (transfer.status === "cancelled" || transfer.status === "skipped") continue;
      moved += transfer.moved;
      size += Math.max(transfer.size ?? 0, transfer.moved);
    }
    return { moved, size };
  });

  add(options: readonly Omit<TransferOptions, "id" | "clock">[]): void {
    const added = options.map((one) => {
      const transfer = new Transfer({ ...one, id: this.#nextId, clock: this.#clock });
      this.#nextId += 1;
      return transfer;
    });
    this.#list = [...this.#list, ...added];
    this.#fill();
  }

  pause(transfer: Transfer): void {
    transfer.pause();
  }

  resume(transfer: Transfer): void {
    transfer.resume();
    this.#fill();
  }

  cancel(transfer: Transfer): void {
    transfer.cancel();
  }

  pauseAll(): void {
    for (const transfer of this.#list) transfer.pause();
  }

  resumeAll(): void {
    for (const transfer of this.#list) transfer.resume();
    this.#fill();
  }

  cancelAll(): void {
    for (const transfer of this.#list) transfer.cancel();
  }

  /** Takes away what is over. */
  tidy(): void {
    this.#list = this.#list.filter(({ isOver }) => !isOver);
  }

  /** Everything ends and is forgotten. */
  clear(): void {
    this.cancelAll();
    this.#list = [];
  }

  #fill(): void {
    for (const transfer of this.#list) {
      if (this.#running >= mostAtOnce) return;
      if (transfer.status !== "waiting") continue;
      this.#running += 1;
      void transfer.start().finally(() => {
        this.#running -= 1;
        this.#fill();
      });
    }
  }
}
