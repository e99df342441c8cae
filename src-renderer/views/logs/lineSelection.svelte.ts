import type { LogLine } from "../../../src-main/protocols/machines/messages/logs.ts";

/** Which lines are chosen: from one to another, by their ids, which stay when lines come and go. */
export class LineSelection {
  readonly #lines: () => readonly LogLine[];
  #anchor = $state<number>();
  #active = $state<number>();

  /** @param lines those that are shown, oldest first */
  constructor(lines: () => readonly LogLine[]) {
    this.#lines = lines;
  }

  /** Where the line is that the keys are at; -1 when there is none. */
  readonly activeIndex: number = $derived.by(() => this.#indexOf(this.#active));
  readonly #anchorIndex: number = $derived.by(() => this.#indexOf(this.#anchor));
  readonly first: number = $derived(
    this.#anchorIndex < 0 ? this.activeIndex : Math.min(this.#anchorIndex, this.activeIndex),
  );
  readonly last: number = $derived(Math.max(this.#anchorIndex, this.activeIndex));

  get active(): LogLine | undefined {
    return this.#lines()[this.activeIndex];
  }

  get count(): number {
    return this.activeIndex < 0 ? 0 : this.last - this.first + 1;
  }

  get lines(): readonly LogLine[] {
    return this.activeIndex < 0 ? [] : this.#lines().slice(this.first, this.last + 1);
  }

  has(index: number): boolean {
    return this.activeIndex >= 0 && index >= this.first && index <= this.last;
  }

  /** @param extend from where it began to here, instead of only this one */
  choose(index: number, extend: boolean): void {
    const id = this.#lines()[index]?.id;
    if (id === undefined) return;
    this.#active = id;
    if (!extend || this.#anchor === undefined) this.#anchor = id;
  }

  clear(): void {
    this.#anchor = undefined;
    this.#active = undefined;
  }

  #indexOf(id: number | undefined): number {
    return id === undefined ? -1 : this.#lines().findIndex((line) => line.id === id);
  }
}
