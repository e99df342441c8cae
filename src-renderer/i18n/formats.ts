import { type Language, languageTags } from "./language.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const durationUnits = [
  { unit: "day", length: day },
  { unit: "hour", length: hour },
  { unit: "minute", length: minute },
  { unit: "second", length: second },
] as const;

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Numbers and times as one language writes them. The formatters are made once: making one costs more than using it. */
export class Formats {
  readonly #tag: string;
  readonly #numbers = new Map<number, Intl.NumberFormat>();
  readonly #units = new Map<string, Intl.NumberFormat>();
  readonly #dates = new Map<string, Intl.DateTimeFormat>();
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #joinParts: string;

  constructor(language: Language) {
    this.#tag = languageTags[language];
    // British dates leave no doubt which number is the month; American ages are the shorter ones.
    this.#relative = new Intl.RelativeTimeFormat(language === "en" ? "en-US" : this.#tag, { style: "narrow" });
    this.#joinParts = language === "zh" ? "" : " ";
  }

  number(value: number, digits = 0): string {
    let format = this.#numbers.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.#tag, { maximumFractionDigits: digits });
      this.#numbers.set(digits, format);
    }
    return format.format(value);
  }

  /** @param value from 0 to 100 */
  percent(value: number, digits = 0): string {
    return this.#unit(`percent ${digits}`, {
      style: "unit",
      unit: "percent",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value);
  }

  /** In powers of 1024, with about three digits. */
  bytes(value: number): string {
    let index = 0;
    let scaled = Math.max(0, value);
    while (scaled >= 1000 && index < byteUnits.length - 1) {
      scaled /= 1024;
      index += 1;
    }
    const digits = index === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
    return `${this.number(scaled, digits)} ${byteUnits[index]}`;
  }

  byteRate(value: number): string {
    return `${this.bytes(value)}/s`;
  }

  /** A length of time by its two largest units: "3d 4h". */
  duration(milliseconds: number): string {
    if (milliseconds < second) return this.#timeUnit("millisecond", Math.max(0, Math.round(milliseconds)));
    if (milliseconds < 10 * second) return this.#timeUnit("second", milliseconds / second, 1);
    let rest = Math.round(milliseconds / second) * second;
    const parts: string[] = [];
    for (const { unit, length } of durationUnits) {
      const count = Math.floor(rest / length);
      rest -= count * length;
      if (count > 0) parts.push(this.#timeUnit(unit, count));
      else if (parts.length > 0) break;
      if (parts.length === 2) break;
    }
    return parts.join(this.#joinParts);
  }

  /** The same in words, as a sentence has it: "3 days 4 hours". */
  durationWords(milliseconds: number): string {
    let rest = Math.max(0, Math.round(milliseconds / second) * second);
    const parts: string[] = [];
    for (const { unit, length } of durationUnits) {
      const count = Math.floor(rest / length);
      rest -= count * length;
      if (count > 0 || (unit === "second" && parts.length === 0)) {
        const text = this.#unit(`${unit} long`, { style: "unit", unit, unitDisplay: "long" }).format(count);
        // Chinese formats join the two; sentences here have a space between a number and a word.
        parts.push(text.replace(/(?<=\d)(?=\p{Script=Han})/u, " "));
      }
    }
    return parts.join(" ");
  }

  /** How long ago a moment was: "3h ago". What lies in the future by a little is now. */
  ago(time: number, now: number): string {
    const age = Math.max(0, now - time);
    if (age < minute) return this.#relative.format(-Math.floor(age / second), "second");
    if (age < hour) return this.#relative.format(-Math.floor(age / minute), "minute");
    if (age < 2 * day) return this.#relative.format(-Math.floor(age / hour), "hour");
    if (age < 60 * day) return this.#relative.format(-Math.floor(age / day), "day");
    return this.#relative.format(-Math.floor(age / (30 * day)), "month");
  }

  dateTime(time: number): string {
    return this.#date("dateTime", { dateStyle: "medium", timeStyle: "medium" }).format(time);
  }

  /** Without seconds: where a list would become too wide. */
  shortDateTime(time: number): string {
    return this.#date("short", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(time);
  }

  date(time: number): string {
    return this.#date("date", { dateStyle: "medium" }).format(time);
  }

  clockTime(time: number): string {
    return this.#date("clock", { timeStyle: "medium" }).format(time);
  }

  clockMinute(time: number): string {
    return this.#date("minute", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);
  }

  monthDay(time: number): string {
    return this.#date("monthDay", { month: "short", day: "numeric" }).format(time);
  }

  monthYear(time: number): string {
    return this.#date("monthYear", { month: "short", year: "numeric" }).format(time);
  }

  #timeUnit(unit: "millisecond" | (typeof durationUnits)[number]["unit"], count: number, digits = 0): string {
    const display = unit === "millisecond" ? "short" : "narrow";
    return this.#unit(`${unit} ${digits}`, {
      style: "unit",
      unit,
      unitDisplay: display,
      maximumFractionDigits: digits,
    }).format(count);
  }

  #unit(key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    let format = this.#units.get(key);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.#tag, options);
      this.#units.set(key, format);
    }
    return format;
  }

  #date(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.#dates.get(key);
    if (format === undefined) {
      format = new Intl.DateTimeFormat(this.#tag, options);
      this.#dates.set(key, format);
    }
    return format;
  }
}
