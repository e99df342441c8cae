import { SvelteSet } from "svelte/reactivity";

/** Which rows of a list are chosen, as file lists do it: one, one more, or all from here to there. */
export class ListSelection {
  readonly #ids: () => readonly string[];
  readonly #chosen = new SvelteSet<string>();
  /** Where a range begins. */
  #anchor: string | undefined;
  #active = $state<string | undefined>();

  /** @param ids every row, in the order in which it stands */
  constructor(ids: () => readonly string[]) {
    this.#ids = ids;
  }

  get size(): number {
    return this.#chosen.size;
  }

  /** The row that the keys are at. */
  get active(): string | undefined {
    return this.#active;
  }

  has(id: string): boolean {
    return this.#chosen.has(id);
  }

  /** This row alone. */
  only(id: string): void {
    this.#chosen.clear();
    this.#chosen.add(id);
    this.at(id);
  }

  toggle(id: string): void {
    if (!this.#chosen.delete(id)) this.#chosen.add(id);
    this.at(id);
  }

  /** From where the last single choice was up to this row. */
  upTo(id: string): void {
    const ids = this.#ids();
    const from = ids.indexOf(this.#anchor ?? id);
    const to = ids.indexOf(id);
    if (to < 0) return;
    this.#chosen.clear();
    const start = from < 0 ? to : from;
    for (const one of ids.slice(Math.min(start, to), Math.max(start, to) + 1)) this.#chosen.add(one);
    this.#active = id;
  }

  /** The keys go there; nothing is chosen or let go. */
  at(id: string): void {
    this.#active = id;
    this.#anchor = id;
  }

  all(): void {
    for (const id of this.#ids()) this.#chosen.add(id);
  }

  clear(): void {
    this.#chosen.clear();
  }

  /** Lets go of what is not in the list any more. */
  keepKnown(): void {
    const known = new Set(this.#ids());
    for (const id of this.#chosen) if (!known.has(id)) this.#chosen.delete(id);
    if (this.#active !== undefined && !known.has(this.#active)) this.#active = undefined;
  }
}
