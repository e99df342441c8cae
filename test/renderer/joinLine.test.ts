import assert from "node:assert/strict";
import { test } from "node:test";
import { joinLine, notesOn } from "../../src-renderer/views/enrolment/joinLine.ts";

test("the line names the core and the token", () => {
  const line = joinLine({ server: "https://core.example", token: "pkt_1", system: "unix" });
  assert.equal(line, "npm run -s picket -- --agent-only --server https://core.example --token pkt_1");
});

test("on Windows npm's script is not PowerShell's, which would take the two dashes away", () => {
  assert.match(
    joinLine({ server: "https://core.example", token: "t", system: "windows" }),
    /^npm\.cmd run -s picket -- /,
  );
});

for (const [server, notes] of [
  ["http://127.0.0.1:9999", { loopback: true, insecure: false }],
  ["http://localhost:9999", { loopback: true, insecure: false }],
  ["http://[::1]:9999", { loopback: true, insecure: false }],
  ["http://192.0.2.7:9999", { loopback: false, insecure: true }],
  ["https://core.example", { loopback: false, insecure: false }],
] as const) {
  test(`what is said about ${server}`, () => assert.deepEqual(notesOn(server), notes));
}
