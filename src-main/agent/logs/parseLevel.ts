import type { LogLevel } from "../../protocols/nodes/messages.ts";

const words: readonly (readonly [LogLevel, RegExp])[] = [
  ["critical", /^(emerg|emergency|alert|crit|critical|fatal|panic)$/i],
  ["error", /^(err|error|severe|fail|failed|failure)$/i],
  ["warning", /^(warn|warning)$/i],
  ["notice", /^notice$/i],
  ["info", /^(info|information|default)$/i],
  ["debug", /^(debug|trace|verbose|fine)$/i],
];
const anyWord =
  /(?<![\w-])(emerg|emergency|alert|crit|critical|fatal|panic|err|error|severe|warn|warning|notice|info|debug|trace)(?![\w-])/i;
/** A level stands near the beginning of a line; further on the word is only a word. */
const searched = 160;

/** The level that a word names; undefined when it names none. */
export function levelOfWord(word: string): LogLevel | undefined {
  return words.find(([, pattern]) => pattern.test(word))?.[0];
}

/** The level of a line that nobody took apart: the first word in it that names one, or `info`. */
export function guessLevel(line: string): LogLevel {
  const [word] = anyWord.exec(line.slice(0, searched)) ?? [];
  return (word === undefined ? undefined : levelOfWord(word)) ?? "info";
}

/** The level of syslog's severity, 0 (emergency) to 7 (debug). */
export function levelOfPriority(priority: number): LogLevel {
  if (priority <= 2) return "critical";
  return (["error", "warning", "notice", "info", "debug"] as const)[priority - 3] ?? "info";
}
