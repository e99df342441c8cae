import { createHash } from "node:crypto";
import { type LogLevel, logLevels } from "./logEntry.ts";

/**
 * In front of every tag, so that no word of a line can pass for one: a private character, which the index takes for a
 * letter and which is taken out of what is indexed.
 */
const mark = "\ue000";
const marks = /\ue000/g;
/** Scripts that put no blanks between words: each character is a word, and a word of several is a phrase. */
const unspaced = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;

/** What is indexed of a message. */
export function indexedText(message: string): string {
  if (!/[\u3040-\uffff]/.test(message)) return message;
  return message.replace(marks, " ").replace(unspaced, " $& ");
}

export const nodeTag = (nodeKey: number): string => `${mark}n${nodeKey}`;
export const levelTag = (level: LogLevel): string => `${mark}l${logLevels.indexOf(level)}`;
/** Two sources may share a tag, very rarely: whoever asks compares the source as well. */
export const sourceTag = (source: string): string =>
  `${mark}s${createHash("sha1").update(source).digest("hex").slice(0, 10)}`;

/**
 * A text as its words, each between blanks, as the index sees them: lower case, without accents and punctuation. A phrase
 * stands in a line when the phrase's plain words stand in the line's.
 */
export function plainWords(text: string): string {
  const letters = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(unspaced, " $& ");
  return ` ${letters.replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
}
