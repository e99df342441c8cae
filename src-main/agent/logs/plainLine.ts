import type { NodeLogEntry } from "../../protocols/nodes/messages.ts";
import { guessLevel } from "./parseLevel.ts";

const isoTime = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d)?/;
const syslogTime = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) /;
const syslogHead = /^\S+ ([\w./@-]{1,64})(?:\[\d+\])?: /;
const day = 86_400_000;

/**
 * Takes a line of a file apart as far as it says how: its time, when it begins with one, and its level.
 *
 * @param file the source, unless the line is syslog's and names its program
 * @param now milliseconds since 1970, for lines without a time of their own
 */
export function readPlainLine(line: string, file: string, now: number): NodeLogEntry {
  const iso = isoTime.exec(line);
  if (iso !== null) {
    const [head, date, time = "", zone = ""] = iso;
    const parsed = Date.parse(`${date}T${time.replace(",", ".").slice(0, 12)}${zone}`);
    const entry = { time: Number.isNaN(parsed) ? now : parsed, level: guessLevel(line), source: file, message: line };
    return head.startsWith("[") ? entry : withProgram(entry, line.slice(head.length).trimStart());
  }
  const classic = syslogTime.exec(line);
  if (classic === null) return { time: now, level: guessLevel(line), source: file, message: line };
  const [head, month, date, time] = classic;
  const entry = {
    time: yearless(`${month} ${date}`, time ?? "", now),
    level: guessLevel(line),
    source: file,
    message: line,
  };
  return withProgram(entry, line.slice(head.length));
}

/** A line of syslog: host, program, text. */
function withProgram(entry: NodeLogEntry, rest: string): NodeLogEntry {
  const program = syslogHead.exec(rest);
  if (program === null) return entry;
  const [head, source = entry.source] = program;
  return { ...entry, source, message: rest.slice(head.length) };
}

/** Syslog writes no year: the one that makes it past. */
function yearless(date: string, time: string, now: number): number {
  const year = new Date(now).getFullYear();
  const parsed = Date.parse(`${date} ${year} ${time}`);
  if (Number.isNaN(parsed)) return now;
  return parsed > now + day ? Date.parse(`${date} ${year - 1} ${time}`) : parsed;
}
