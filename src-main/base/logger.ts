import { type Clock, timestamp } from "./clock.ts";
import { maskSecrets } from "./maskSecrets.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines carry `scope`. */
  child(scope: string): Logger;
  /** Whether lines of this level are written: ask before work that only a log line needs. */
  enabled(level: LogLevel): boolean;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Takes one line without its line end. */
  readonly write: (line: string) => void;
  readonly scope?: string;
}

/** A logger that masks secrets in messages and fields before a line is made. */
export function createLogger(options: LoggerOptions): Logger {
  const threshold = logLevels.indexOf(options.level);
  const enabled = (level: LogLevel): boolean => logLevels.indexOf(level) >= threshold;
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (!enabled(level)) return;
    const line = {
      time: timestamp(options.clock),
      level,
      scope: options.scope,
      message: maskSecrets(message),
      fields: maskSecrets(fields),
    };
    options.write(escapeControls(options.format === "json" ? jsonLine(line) : textLine(line)));
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    child: (scope) => createLogger({ ...options, scope }),
    enabled,
  };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
  enabled: () => false,
};

interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly scope: string | undefined;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** First for its order, last because a field must not pass for the line's own time, level or message. */
function jsonLine({ fields, ...line }: Line): string {
  return JSON.stringify({ ...line, ...fields, ...line });
}

function textLine({ time, level, scope, message, fields }: Line): string {
  const pairs = Object.entries(fields ?? {}).map(([key, value]) => ` ${key}=${printable(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${scope === undefined ? "" : `${scope}: `}${message}${pairs.join("")}`;
}

/** So that a peer's line end or escape sequence cannot forge a line or paint the terminal. */
function escapeControls(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => hexEscape(character.charCodeAt(index))).join(""),
  );
}

/** As JSON has it: what stands in quotes stays JSON. */
function hexEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Quoted as JSON, unless it is one plain word. */
function printable(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = JSON.stringify(typeof value === "string" ? value : (value ?? null));
  return /^"[\w.:/@-]+"$/.test(text) ? text.slice(1, -1) : text;
}
