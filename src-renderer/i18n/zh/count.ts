const numbers = new Intl.NumberFormat("zh-CN");

/** A number with its measure word. */
export function count(value: number, unit: string): string {
  return `${numbers.format(value)} ${unit}`;
}
