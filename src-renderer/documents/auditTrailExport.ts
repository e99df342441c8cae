import type { DocumentsAuditEntry } from "../../src-main/protocols/documents/messages/audit.ts";
import { csvCell } from "./csvCell.ts";

const columns = ["id", "time", "username", "action", "target", "result", "remote_address", "data"] as const;

/** The entries as a table for other programs, the times in UTC. */
export function auditTrailCsv(entries: readonly DocumentsAuditEntry[]): string {
  const lines = entries.map((entry) => columns.map((column) => csvCell(textOfColumn(entry, column))).join(","));
  // The mark makes spreadsheets read the file as what it is.
  return `\uFEFF${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}

export function auditTrailJson(entries: readonly DocumentsAuditEntry[]): string {
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

function textOfColumn(entry: DocumentsAuditEntry, column: (typeof columns)[number]): string {
  if (column === "time") return isoTime(entry.logged_time);
  if (column === "data") return entry.data === null ? "" : JSON.stringify(entry.data);
  return String(entry[column] ?? "");
}

/** A server may say any number: one that is no time stays a number. */
function isoTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
}
