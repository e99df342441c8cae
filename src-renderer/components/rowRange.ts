export interface Viewport {
  /** How far the rows are scrolled, in pixels. */
  readonly scrollTop: number;
  readonly height: number;
}

export interface Rows {
  readonly count: number;
  readonly height: number;
}

/** Rows above and below what can be seen, so that a turn of the wheel shows no holes. */
const overscan = 6;

/** Which rows have to be there: from `first` up to, not including, `last`. */
export function rowRange(viewport: Viewport, rows: Rows): { readonly first: number; readonly last: number } {
  const first = Math.floor(viewport.scrollTop / rows.height) - overscan;
  const last = Math.ceil((viewport.scrollTop + viewport.height) / rows.height) + overscan;
  const from = Math.max(0, Math.min(first, rows.count));
  return { first: from, last: Math.max(from, Math.min(last, rows.count)) };
}

/** Where to scroll so that a row can be seen whole; unchanged when it can be already. */
export function revealRow(viewport: Viewport, rowHeight: number, index: number): number {
  const top = index * rowHeight;
  if (top < viewport.scrollTop) return top;
  const bottom = top + rowHeight - viewport.height;
  return bottom > viewport.scrollTop ? bottom : viewport.scrollTop;
}
