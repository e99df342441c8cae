import { type Bounds, type ChartRange, zoomTo } from "./chartRange.ts";

/** The range that the charts show, and the ones that it was zoomed in from. */
export class RangeState {
  #current: ChartRange;
  #before = $state.raw<readonly ChartRange[]>([]);

  constructor(first: ChartRange) {
    this.#current = $state.raw(first);
  }

  get current(): ChartRange {
    return this.#current;
  }

  get canGoBack(): boolean {
    return this.#before.length > 0;
  }

  /** A range chosen by name: what was zoomed before is forgotten. */
  choose(range: ChartRange): void {
    this.#before = [];
    this.#current = range;
  }

  zoom(selection: Bounds, now: number): void {
    this.#before = [...this.#before, this.#current];
    this.#current = zoomTo(selection, now);
  }

  back(): void {
    const last = this.#before.at(-1);
    if (last === undefined) return;
    this.#before = this.#before.slice(0, -1);
    this.#current = last;
  }
}
