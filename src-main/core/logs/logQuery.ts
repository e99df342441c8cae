import { indexedText, plainWords } from "./lineText.ts";

/** One thing to look for: a word, words in a row, or the beginning of a word. */
interface Term {
  readonly text: string;
  readonly prefix: boolean;
}

/** What somebody looks for in lines. */
export interface LogQuery {
  readonly include: readonly Term[];
  readonly exclude: readonly Term[];
  /** What has no letter or digit, and so is in no index: it is looked for as it is. */
  readonly literal: readonly string[];
}

/** The beginning of a word must be this long: of one letter there are too many words. */
const leastPrefix = 2;
const maxTerms = 32;
const part = /(-?)(?:"([^"]*)"?|(\S+))/gu;

/**
 * Reads what a person typed: words, "words in a row", -without, begin*. Nothing is wrong: what is none of these is looked
 * for as it stands.
 */
export function parseLogQuery(text: string): LogQuery {
  const include: Term[] = [];
  const exclude: Term[] = [];
  const literal: string[] = [];
  for (const [whole, minus, phrase, word = ""] of text.replaceAll("\0", " ").toWellFormed().matchAll(part)) {
    if (include.length + exclude.length + literal.length >= maxTerms) break;
    const wanted = phrase ?? word;
    if (!/[\p{L}\p{N}]/u.test(wanted)) {
      const exact = phrase === undefined ? whole : phrase;
      if (exact !== "") literal.push(exact);
      continue;
    }
    const prefix = phrase === undefined && word.endsWith("*") && plainWords(word).trim().length >= leastPrefix;
    const list = minus === "-" ? exclude : include;
    list.push({ text: prefix ? word.slice(0, -1) : wanted, prefix });
  }
  return { include, exclude, literal };
}

/** The query for the index, over the messages; undefined when the index has nothing to say. */
export function toMatch({ include }: LogQuery): string | undefined {
  return include.length === 0 ? undefined : include.map(termMatch).join(" AND ");
}

/** What the index must not find, or undefined. */
export function toUnwanted({ exclude }: LogQuery): string | undefined {
  return exclude.length === 0 ? undefined : exclude.map(termMatch).join(" OR ");
}

/** Whether a line is what is looked for, without an index: for lines that just came in. */
export function lineMatcher({ include, exclude, literal }: LogQuery): (message: string) => boolean {
  const wanted = include.map(plainTerm);
  const unwanted = exclude.map(plainTerm);
  if (wanted.length + unwanted.length + literal.length === 0) return () => true;
  return (message) => {
    const words = plainWords(message);
    return (
      wanted.every((term) => words.includes(term)) &&
      !unwanted.some((term) => words.includes(term)) &&
      literal.every((one) => message.includes(one))
    );
  };
}

function termMatch({ text, prefix }: Term): string {
  return `message:"${indexedText(text).replaceAll('"', '""')}"${prefix ? "*" : ""}`;
}

function plainTerm({ text, prefix }: Term): string {
  const words = plainWords(text);
  return prefix ? words.trimEnd() : words;
}
