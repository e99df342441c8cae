import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocumentsAuditEntry } from "../../src-main/protocols/documents/messages/audit.ts";
import { auditTrailCsv, auditTrailJson } from "../../src-renderer/documents/auditTrailExport.ts";

const entry: DocumentsAuditEntry = {
  id: 7,
  action: "rename_document",
  username: "kim",
  target: "d1",
  data: { new_title: 'a "b", c' },
  result: 0,
  remote_address: "10.0.0.1",
  logged_time: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
};

test("an entry is a line, quoted where it must be", () => {
  const [head, line, end] = auditTrailCsv([entry]).split("\r\n");
  assert.equal(head, "\uFEFFid,time,username,action,target,result,remote_address,data");
  const data = '"{""new_title"":""a \\""b\\"", c""}"';
  assert.equal(line, `7,2026-01-02T03:04:05.000Z,kim,rename_document,d1,0,10.0.0.1,${data}`);
  assert.equal(end, "");
});

test("what is not there is an empty cell, and a time that is none stays a number", () => {
  const bare = { ...entry, username: null, target: null, data: null, remote_address: null, logged_time: 1e300 };
  assert.equal(auditTrailCsv([bare]).split("\r\n")[1], "7,1e+300,,rename_document,,0,,");
});

for (const name of ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\uFEFF=1"]) {
  test(`a spreadsheet computes nothing from ${JSON.stringify(name)}`, () => {
    const line = auditTrailCsv([{ ...entry, target: name, data: null }]).split("\r\n")[1];
    assert.ok(line?.includes(`,'${name},`), line);
  });
}

test("a line break in a name breaks no line", () => {
  const csv = auditTrailCsv([{ ...entry, target: "a\r\n=b", data: null }]);
  assert.ok(csv.includes(',"a\r\n=b",'), csv);
});

test("JSON holds the entries as they are", () => {
  assert.deepEqual(JSON.parse(auditTrailJson([entry])), [entry]);
});
