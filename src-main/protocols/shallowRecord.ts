import * as z from "zod/mini";

const deepest = 32;

/**
 * An object of whatever a peer likes, to be passed on or stored. Reading JSON takes any depth and writing it does not:
 * what is nested without end would fail where it leaves again.
 */
export const shallowRecord = z.record(z.string(), z.unknown()).check(z.refine((value) => isShallow(value, deepest)));

/** Whether nothing in a value is nested deeper than so many levels. */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
