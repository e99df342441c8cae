/** How English writes numbers. */
export const numbers = new Intl.NumberFormat("en-GB");

/** A number with its noun. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`;
}
