import { UsageError } from "./usageError.ts";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of a `--expires`; null: never. @throws {UsageError} */
export function readDuration(text: string): number | null {
  if (text === "never") return null;
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const factor = units[unit ?? ""];
  if (count === undefined || factor === undefined || Number(count) === 0) {
    throw new UsageError(`--expires must be like 30m, 12h, 7d or never, not "${text}"`);
  }
  return Number(count) * factor;
}
