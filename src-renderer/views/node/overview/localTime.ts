/** A moment as a field for local date and time wants it: `2026-01-31T14:05`. */
export function toLocalText(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment that such a field says; `NaN` when it is not filled in. */
export function fromLocalText(text: string): number {
  return new Date(text).getTime();
}
