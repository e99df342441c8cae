import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditRecord } from "../../src-main/protocols/machines/messages/audit.ts";
import { auditCsv, auditJson } from "../../src-renderer/views/audit/auditExport.ts";
import { auditQuery, noAuditFilter } from "../../src-renderer/views/audit/auditFilter.ts";

const record: AuditRecord = {
  sequence: 7,
  time: Date.UTC(2026, 0, 2, 3, 4, 5),
  actor: "kim",
  action: "command-run",
  target: "web-1",
  outcome: "done",
  details: { command: 'echo "a, b"\nexit' },
  hash: "00ff",
};

test("a record is a line, quoted where it must be", () => {
  const [head, line] = auditCsv([record]).split("\r\n");
  assert.equal(head, "\uFEFFsequence,time,actor,action,target,outcome,details,hash");
  const details = '"{""command"":""echo \\""a, b\\""\\nexit""}"';
  assert.equal(line, `7,2026-01-02T03:04:05.000Z,kim,command-run,web-1,done,${details},00ff`);
});

for (const name of ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"]) {
  test(`a spreadsheet computes nothing from ${JSON.stringify(name)}`, () => {
    const line = auditCsv([{ ...record, target: name, details: {} }]).split("\r\n")[1];
    assert.ok(line?.includes(`,'${name},`), line);
  });
}

test("JSON holds the records as they are", () => {
  assert.deepEqual(JSON.parse(auditJson([record])), [record]);
});

test("empty fields ask for anything, and a node may be named as people call it", () => {
  const idOf = (label: string): string | undefined => (label === "web" ? "id-1" : undefined);
  assert.deepEqual(auditQuery(noAuditFilter, idOf), {});
  assert.deepEqual(auditQuery({ ...noAuditFilter, actor: " kim ", target: "web" }, idOf), {
    actor: "kim",
    target: "id-1",
  });
  assert.deepEqual(auditQuery({ ...noAuditFilter, target: "other" }, idOf), { target: "other" });
});

test("the last minute of a time is meant as a whole", () => {
  const query = auditQuery({ ...noAuditFilter, from: "2026-01-02T10:00", to: "2026-01-02T10:00" }, () => undefined);
  assert.equal(Number(query.to) - Number(query.from), 60_000);
});
