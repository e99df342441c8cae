import type { Aim, Result } from "./figure.ts";

const head = ["figure", "baseline", "ours", "ratio", "aim", "met", "unit"];

/** The results for people: one line each, columns aligned. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.name,
    result.baselineMedian === undefined ? "–" : result.baselineMedian.toFixed(result.digits),
    result.oursMedian.toFixed(result.digits),
    result.ratio === undefined || !Number.isFinite(result.ratio) ? "–" : result.ratio.toFixed(2),
    formatAim(result.aim),
    result.met === undefined ? "" : result.met ? "yes" : "NO",
    result.unit,
  ]);
  const notes = results.flatMap(({ name, note }) => (note === undefined ? [] : [`  ${name}: ${note}`]));
  return [formatColumns([head, ...rows], 0), ...notes, ""].join("\n");
}

/** @param left how many columns after the first are aligned to the left */
export function formatColumns(rows: readonly (readonly string[])[], left: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const last = widths.length - 1;
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column <= left || column === last ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .map((line, index) => (index === 0 ? `${line}\n${"-".repeat(line.length)}` : line))
    .join("\n");
}

function formatAim(aim: Aim | undefined): string {
  if (aim === undefined) return "";
  return `${aim.is === "at least" ? "≥" : "≤"} ${aim.limit}${aim.of === "ratio" ? " ×" : ""}`;
}
