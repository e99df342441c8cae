import { type Rows, revealRow, rowRange } from "./rowRange.ts";

/** The part of a long list that is on the screen. Only these rows are in the page. */
export class RowWindow {
  readonly #rows: () => Rows;
  #scrollTop = $state(0);
  #height = $state(0);
  #width = $state(0);
  #scroller: HTMLElement | undefined;

  /** @param rows how many there are and how high each is, read anew whenever it may have changed */
  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  readonly #range = $derived.by(() => rowRange({ scrollTop: this.#scrollTop, height: this.#height }, this.#rows()));
  readonly first: number = $derived(this.#range.first);
  readonly last: number = $derived(this.#range.last);

  /** How wide the list is. */
  get width(): number {
    return this.#width;
  }

  /** Ties the window to the element that scrolls: `{@attach window.attach}`. */
  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller;
    const measure = (): void => {
      this.#height = scroller.clientHeight;
      this.#width = scroller.clientWidth;
    };
    const scrolled = (): void => {
      this.#scrollTop = scroller.scrollTop;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(scroller);
    scroller.addEventListener("scroll", scrolled, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", scrolled);
      this.#scroller = undefined;
    };
  };

  /** Scrolls just as far as is needed to see a row, below whatever stays at the top. */
  reveal(index: number, topInset = 0): void {
    const scroller = this.#scroller;
    if (scroller === undefined) return;
    const viewport = { scrollTop: scroller.scrollTop, height: scroller.clientHeight - topInset };
    scroller.scrollTop = revealRow(viewport, this.#rows().height, index);
    this.#scrollTop = scroller.scrollTop;
  }

  toTop(): void {
    if (this.#scroller !== undefined) this.#scroller.scrollTop = 0;
    // The event comes a frame later: until then rows would be drawn that may not be there any more.
    this.#scrollTop = 0;
  }
}
