import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const texts = ["\ud800", "a\udc00b", "a\u0000b", "\u0000", "\ufffe", "é\r\n\u2028", "'; DROP TABLE audit; --"];

test("whatever text an audit record is about, the chain holds, and the record is found by it", async (t) => {
  const core = await startCore(t);
  const console = await core.console();
  for (const text of texts) {
    const request = console.request("node-rename", { nodeId: text, name: text });
    await assert.rejects(request, { code: "NODE_NOT_FOUND" });
    const run = console.request("command-run", { nodeIds: [text], command: text });
    await assert.rejects(run, { code: "NODE_NOT_FOUND" });
  }
  const { records } = await console.request("audit-list", { action: "node-rename" });
  assert.deepEqual(
    records.map(({ target }) => target),
    texts.map((text) => text.toWellFormed()).reverse(),
  );
  assert.equal((await console.request("audit-verify", {})).brokenAt, null);
});

test("a sign-in under a name that is no text leaves the chain as it is", async (t) => {
  const core = await startCore(t);
  for (const text of texts) await assert.rejects(core.signIn(text, "wrong"));
  const console = await core.console();
  assert.equal((await console.request("audit-verify", {})).brokenAt, null);
});
