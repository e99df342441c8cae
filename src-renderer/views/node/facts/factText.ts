import type { Catalogue } from "../../../i18n/catalogue.ts";
import type { Formats } from "../../../i18n/formats.ts";

export interface FactWords {
  readonly t: Catalogue;
  readonly format: Formats;
}

const byteKeys: readonly string[] = ["total", "swap", "size", "used"];
const longest = 400;
/** Names that agents write in the way of the wire. */
const wireNames: Readonly<Record<string, keyof Catalogue["facts"]["names"]>> = { run_as: "runAs" };

/** What a fact is called; its own key when nobody here knows it. */
export function factName(key: string, t: Catalogue): string {
  const { names } = t.facts;
  const known = Object.hasOwn(wireNames, key) ? wireNames[key] : key;
  return Object.hasOwn(names, known ?? key) ? names[known as keyof typeof names] : key;
}

/** The value of a fact as text. */
export function factText(key: string, value: unknown, words: FactWords): string {
  const { t, format } = words;
  if (value === null && key === "shells") return t.facts.any;
  if (value === null && key === "file") return t.facts.noFile;
  if (value === null || value === undefined || value === "") return "–";
  // What a machine that does not know says.
  if (typeof value === "number" && value <= 0 && key.startsWith("speed")) return "–";
  if (typeof value === "boolean") return value ? t.facts.yes : t.facts.no;
  if (typeof value === "number") return byteKeys.includes(key) ? format.bytes(value) : format.number(value, 2);
  if (Array.isArray(value)) {
    return value.length === 0 ? t.common.none : cut(value.map((one) => factText("", one, words)).join(", "));
  }
  return cut(typeof value === "string" ? value : JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
