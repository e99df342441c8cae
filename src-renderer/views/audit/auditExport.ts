import type { AuditRecord } from "../../../src-main/protocols/machines/messages/audit.ts";

const columns = ["sequence", "time", "actor", "action", "target", "outcome", "details", "hash"] as const;

/** The records as a table for other programs, the times in UTC. */
export function auditCsv(records: readonly AuditRecord[]): string {
  const lines = records.map((record) =>
    columns
      .map((column) => {
        if (column === "time") return new Date(record.time).toISOString();
        if (column === "details") return cell(JSON.stringify(record.details));
        return cell(String(record[column]));
      })
      .join(","),
  );
  // The mark makes spreadsheets read the file as what it is.
  return `\uFEFF${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}

export function auditJson(records: readonly AuditRecord[]): string {
  return `${JSON.stringify(records, undefined, 2)}\n`;
}

/** Names come from nodes and strangers: a spreadsheet must not compute what begins like a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
