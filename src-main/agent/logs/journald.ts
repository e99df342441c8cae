import { existsSync } from "node:fs";
import { cutMessage } from "./lineLimits.ts";
import { levelOfPriority } from "./parseLevel.ts";
import type { ProcessLog } from "./processSource.ts";

/** Lines of the past that a node starts with. */
const firstLines = 200;

/** Whether this machine has a systemd journal. */
export function hasJournal(): boolean {
  return ["/var/log/journal", "/run/log/journal"].some(existsSync) && journalctl() !== undefined;
}

function journalctl(): string | undefined {
  return ["/usr/bin/journalctl", "/bin/journalctl", "/run/current-system/sw/bin/journalctl"].find(existsSync);
}

/** systemd's journal. The position is `time cursor`: when the cursor is unknown, the time still says where. */
export const journald: ProcessLog = {
  name: "journald",
  command(position) {
    const [time = "", cursor = ""] = position?.split(" ", 2) ?? [];
    const start =
      position === undefined
        ? ["-n", String(firstLines)]
        : cursor === ""
          ? ["--since", `@${time}`]
          : ["--after-cursor", cursor];
    const fields = "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_COMM";
    return {
      file: journalctl() ?? "journalctl",
      args: ["-o", "json", "-f", "--all", "--no-pager", "--quiet", fields, ...start],
    };
  },
  afterLoss: (position) => position.split(" ", 1)[0],
  read(line) {
    const record = parseRecord(line);
    const message = textOf(record?.["MESSAGE"]);
    if (record === undefined || message === undefined) return undefined;
    const time = Math.floor(Number(record["__REALTIME_TIMESTAMP"]) / 1000);
    const unit = textOf(record["_SYSTEMD_UNIT"]);
    const name = textOf(record["SYSLOG_IDENTIFIER"]) ?? textOf(record["_COMM"]);
    const cursor = textOf(record["__CURSOR"]) ?? "";
    return {
      time,
      level: levelOfPriority(Number(record["PRIORITY"] ?? 6)),
      // A service by its unit; what a session or the kernel says by its program.
      source: (unit?.endsWith(".service") === true ? unit : (name ?? unit)) ?? "journald",
      message: cutMessage(message),
      position: `${Math.floor(time / 1000)} ${cursor}`,
    };
  },
};

function parseRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === "object" && record !== null ? (record as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A field is a text, the bytes of one that is no UTF-8, or a list of either when it was given several times. */
function textOf(field: unknown): string | undefined {
  if (typeof field === "string") return field;
  if (!Array.isArray(field)) return undefined;
  if (field.every((one) => typeof one === "number")) return new TextDecoder().decode(Uint8Array.from(field));
  return textOf(field[0]);
}
