import { secondsOfField, timeFieldOf } from "./timeField.ts";

/** A right or a membership as a form has it: its times as fields for local time. */
export interface TimedRow {
  /** Tells rows apart while their names are typed. */
  readonly key: number;
  readonly name: string;
  /** Empty: at once. */
  readonly from: string;
  /** Empty: for ever. */
  readonly until: string;
}

/** A name with the time in which it holds, as the wire has it: seconds since 1970. */
export interface TimedEntry {
  readonly name: string;
  readonly start_time: number;
  readonly end_time: number | null;
}

/** Rights or memberships that are being changed. */
export class TimedNames {
  #rows = $state.raw<readonly TimedRow[]>([]);
  readonly #first: ReadonlyMap<number, TimedEntry>;
  #nextKey: number;

  constructor(entries: readonly TimedEntry[]) {
    this.#first = new Map(entries.map((entry, key) => [key, entry]));
    this.#rows = entries.map((entry, key) => ({ key, name: entry.name, ...fieldsOf(entry) }));
    this.#nextKey = entries.length;
  }

  get rows(): readonly TimedRow[] {
    return this.#rows;
  }

  /** Some row ends before it begins. */
  get hasFault(): boolean {
    return this.#rows.some((row) => this.endsTooEarly(row));
  }

  add(name = ""): void {
    this.#rows = [...this.#rows, { key: this.#nextKey, name, from: "", until: "" }];
    this.#nextKey += 1;
  }

  change(key: number, change: Partial<Omit<TimedRow, "key">>): void {
    this.#rows = this.#rows.map((row) => (row.key === key ? { ...row, ...change } : row));
  }

  remove(key: number): void {
    this.#rows = this.#rows.filter((row) => row.key !== key);
  }

  endsTooEarly(row: TimedRow): boolean {
    const { start_time, end_time } = this.#entryOf(row);
    return end_time !== null && end_time <= start_time;
  }

  /** What can be sent: rows with a name, the last one of every name. */
  get entries(): readonly TimedEntry[] {
    const named = this.#rows.map((row) => this.#entryOf(row)).filter(({ name }) => name !== "");
    return [...new Map(named.map((entry) => [entry.name, entry])).values()];
  }

  /** A time that nobody touched goes back as exactly as it came: a field shows whole minutes only. */
  #entryOf({ key, name, from, until }: TimedRow): TimedEntry {
    const first = this.#first.get(key);
    const shown = first && fieldsOf(first);
    return {
      name: name.trim(),
      start_time: first !== undefined && from === shown?.from ? first.start_time : (secondsOfField(from) ?? 0),
      end_time: first !== undefined && until === shown?.until ? first.end_time : (secondsOfField(until) ?? null),
    };
  }
}

function fieldsOf({ start_time, end_time }: TimedEntry): { from: string; until: string } {
  return { from: timeFieldOf(start_time), until: timeFieldOf(end_time) };
}
