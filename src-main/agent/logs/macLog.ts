import { cutMessage } from "./lineLimits.ts";
import { levelOfWord } from "./parseLevel.ts";
import type { ProcessLog } from "./processSource.ts";

/** macOS's unified log, from when the program is started on: it cannot be followed from a place in the past. */
export const macLog: ProcessLog = {
  name: "unified log",
  command: () => ({ file: "/usr/bin/log", args: ["stream", "--style", "ndjson", "--level", "default"] }),
  read(line) {
    let record: Readonly<Record<string, unknown>>;
    try {
      record = JSON.parse(line) as Record<string, unknown>;
    } catch {
      // The first line says which filter is in force.
      return undefined;
    }
    const { eventMessage, messageType, timestamp, subsystem, processImagePath } = record;
    if (typeof eventMessage !== "string" || eventMessage === "") return undefined;
    const program = typeof processImagePath === "string" ? processImagePath.split("/").at(-1) : undefined;
    return {
      time: typeof timestamp === "string" ? readTime(timestamp) : Date.now(),
      level: messageType === "Fault" ? "critical" : (levelOfWord(String(messageType)) ?? "info"),
      source: program || (typeof subsystem === "string" && subsystem) || "macos",
      message: cutMessage(eventMessage),
      position: undefined,
    };
  },
};

/** `2026-03-01 12:00:00.123456+0100`. */
function readTime(text: string): number {
  const [, date, time, zone] = /^(\S+) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*([+-]\d{4})$/.exec(text) ?? [];
  const parsed = Date.parse(`${date}T${time}${zone?.slice(0, 3)}:${zone?.slice(3)}`);
  return Number.isNaN(parsed) ? Date.now() : parsed;
}
