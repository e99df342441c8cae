import assert from "node:assert/strict";
import { test } from "node:test";
import { PicketError } from "../../src-main/base/errors.ts";
import { DocumentsRefusal } from "../../src-main/protocols/documents/client/documentsRefusal.ts";
import { type RefusalKind, refusalOf } from "../../src-renderer/documents/refusalOf.ts";
import { wireEntries } from "../../src-renderer/documents/wireEntries.ts";
import { en } from "../../src-renderer/i18n/en.ts";

const rows: readonly (readonly [status: number, message: string, kind: RefusalKind])[] = [
  [400, "Username already exists", "invalid"],
  [400, "Unknown action: explain_access", "unsupported"],
  [401, "Invalid user or token", "credentials"],
  [403, "Access denied", "forbidden"],
  [404, "User does not exist", "missing"],
  [409, "Group already exists", "taken"],
  [429, "Too many login attempts. Please try again later.", "busy"],
  [500, "boom", "failed"],
  [999, "lockdown", "lockdown"],
];

for (const [status, message, kind] of rows) {
  test(`${status} ${message} is said as ${kind}, with the server's words`, () => {
    assert.deepEqual(refusalOf(new DocumentsRefusal(status, message, {})), { kind, words: message });
    assert.notEqual(en.documentsAdmin.refusals[kind], "");
  });
}

test("a lost connection is no word of the server's", () => {
  assert.equal(refusalOf(new PicketError("PEER_LOST")), undefined);
});

test("what always holds is sent as a name, what has a time with it", () => {
  const sent = wireEntries("group_name", [
    { name: "staff", start_time: 0, end_time: null },
    { name: "guests", start_time: 0, end_time: 5 },
    { name: "later", start_time: 5, end_time: null },
  ]);
  assert.deepEqual(sent, [
    "staff",
    { group_name: "guests", start_time: 0, end_time: 5 },
    { group_name: "later", start_time: 5, end_time: null },
  ]);
});
