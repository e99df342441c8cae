/** A field of somebody's data as people read it: texts as they are, the rest as JSON. */
export function fieldText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
