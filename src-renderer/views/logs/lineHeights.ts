/** Pixels. */
export const lineHeight = 20;

/** A shown line takes no more rows than this; the rest is in its detail. */
const maxRows = 60;

/**
 * Where each line begins, when long ones are wrapped: about, for only those on the screen are ever measured.
 *
 * @param columns characters that fit into a row
 * @returns one more than there are messages: the last is where the list ends
 */
export function lineOffsets(messages: readonly string[], columns: number): Float64Array {
  const offsets = new Float64Array(messages.length + 1);
  let at = 0;
  messages.forEach((message, index) => {
    at += rowsOf(message, columns) * lineHeight;
    offsets[index + 1] = at;
  });
  return offsets;
}

/** The line that a place in the list belongs to. */
export function lineAt(offsets: Float64Array, position: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many rows a message is cut to when it is wrapped. */
export function rowsOf(message: string, columns: number): number {
  if (message.length <= columns && !message.includes("\n")) return 1;
  let rows = 0;
  for (const part of message.split("\n", maxRows)) rows += Math.max(1, Math.ceil(part.length / Math.max(1, columns)));
  return Math.min(rows, maxRows);
}
