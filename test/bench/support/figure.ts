import { median } from "./statistics.ts";

/** What a run of the bench was told. */
export interface BenchOptions {
  /** How often baseline and ours are measured, in turns. The median counts. */
  readonly rounds: number;
  /** For work on the bench itself: shorter times, so larger errors. */
  readonly quick: boolean;
  /** What is being done at the moment, for whoever waits. */
  readonly say: (what: string) => void;
}

/** One thing that the bench measures: perhaps several numbers. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

/** `ratio` is ours by baseline; `value` is ours itself. */
export interface Aim {
  readonly of: "ratio" | "value";
  readonly is: "at least" | "at most";
  readonly limit: number;
}

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  /** One number per round; empty without a baseline. */
  readonly baseline: readonly number[];
  readonly ours: readonly number[];
  /** Without an aim it is for information. */
  readonly aim?: Aim;
  readonly note?: string;
}

/** A row as it stands in the table. */
export interface Result extends Row {
  readonly baselineMedian: number | undefined;
  readonly oursMedian: number;
  readonly ratio: number | undefined;
  readonly met: boolean | undefined;
}

export function resultOf(row: Row): Result {
  const baselineMedian = row.baseline.length === 0 ? undefined : median(row.baseline);
  const oursMedian = median(row.ours);
  const ratio = baselineMedian === undefined ? undefined : oursMedian / baselineMedian;
  return { ...row, baselineMedian, oursMedian, ratio, met: isMet(row.aim, oursMedian, ratio) };
}

function isMet(aim: Aim | undefined, value: number, ratio: number | undefined): boolean | undefined {
  if (aim === undefined) return undefined;
  const measured = aim.of === "ratio" ? (ratio ?? Number.NaN) : value;
  return aim.is === "at least" ? measured >= aim.limit : measured <= aim.limit;
}
