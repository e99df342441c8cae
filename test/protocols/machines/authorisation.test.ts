import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { hasRole, type Role, roles } from "../../../src-main/core/identity/principal.ts";
import type { RequestType } from "../../../src-main/protocols/machines/messages.ts";
import { handlers } from "../../../src-main/protocols/machines/requests/handlers.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";
import { authorisationRows, makeSubject, type Row } from "./authorisationRows.ts";

failOnLeaks();

interface Asker {
  readonly username: string;
  readonly role: Role;
  /** Sees every group. */
  readonly everything: boolean;
  readonly accessToken: string;
}

const inside = "seen";
const outside = "unseen";

async function outcome(peer: RawPeer, type: string, data: object): Promise<string> {
  peer.send({ type, id: "asked", data });
  for (;;) {
    const answer = await peer.next();
    if (answer["id"] !== "asked") continue;
    if (answer["type"] !== "error") {
      assert.equal(answer["type"], `${type}-response`);
      return "ok";
    }
    return (answer["data"] as { readonly code: string }).code;
  }
}

function expected(row: Row, asker: Asker, where: string): string {
  const principal = { userId: "", username: "", role: asker.role, groups: undefined, sessionId: undefined };
  if (!hasRole(principal, row.role)) return "FORBIDDEN";
  const seen = row.inside ?? "ok";
  if (!asker.everything && row.limited !== undefined) return row.limited;
  // Sessions are one's own, whatever groups one sees.
  const isOwn = row.outside === "SESSION_NOT_FOUND";
  return where === inside || (asker.everything && !isOwn) ? seen : (row.outside ?? seen);
}

async function askersOf(core: TestCore): Promise<readonly Asker[]> {
  const limited = await Promise.all(
    roles.map(async (role) => ({ role, everything: false, accessToken: await core.userToken(role, [inside]) })),
  );
  const users = await core.core.users.list();
  const named = limited.map((asker) => ({
    ...asker,
    username: users.find(({ role, groups }) => role === asker.role && groups !== undefined)?.username ?? "",
  }));
  const all = { username: "admin", role: "administrator", everything: true, accessToken: await core.signIn() } as const;
  return [...named, all];
}

async function consoleOf(t: TestContext, core: TestCore, query = ""): Promise<RawPeer> {
  return RawPeer.connect(t, `${core.wsUrl}/ws${query}`);
}

test("every request type has a row", () => {
  assert.deepEqual(Object.keys(authorisationRows).sort(), Object.keys(handlers).sort());
  for (const [type, { role }] of Object.entries(handlers)) {
    assert.equal(authorisationRows[type as RequestType].role, role, type);
  }
});

test("every request, of every role, on what the user sees and on what it does not", async (t) => {
  const core = await startCore(t);
  const askers = await askersOf(core);
  const wrong: string[] = [];
  let tried = 0;
  for (const [type, row] of Object.entries(authorisationRows)) {
    for (const asker of askers) {
      const peer = await consoleOf(t, core, `?token=${asker.accessToken}`);
      for (const group of [inside, outside]) {
        const asks = group === inside ? asker.username : askers.find(({ username }) => username !== asker.username);
        const subject = await makeSubject(core, {
          group,
          asks: typeof asks === "string" ? asks : (asks?.username ?? ""),
          accessToken: asker.accessToken,
        });
        const found = await outcome(peer, type, row.data(subject));
        const wanted = expected(row, asker, group);
        tried += 1;
        if (found !== wanted) wrong.push(`${type} of ${asker.username} on ${group}: ${found} instead of ${wanted}`);
      }
      peer.socket.terminate();
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(tried, Object.keys(handlers).length * 4 * 2);
});

test("who is not signed in may do nothing but sign in", async (t) => {
  const core = await startCore(t);
  const accessToken = await core.signIn();
  const subject = await makeSubject(core, { group: inside, asks: "admin", accessToken });
  for (const [type, row] of Object.entries(authorisationRows)) {
    const peer = await consoleOf(t, core);
    assert.equal(await outcome(peer, type, row.data(subject)), row.stranger ?? "UNAUTHORIZED", type);
    peer.socket.terminate();
  }
});

test("what is refused, and what is done, stands in the audit log; what only looks does not", async (t) => {
  const core = await startCore(t);
  const [viewer] = await askersOf(core);
  const accessToken = viewer?.accessToken ?? "";
  const peer = await consoleOf(t, core, `?token=${accessToken}`);
  for (const [type, row] of Object.entries(authorisationRows)) {
    const subject = await makeSubject(core, { group: inside, asks: viewer?.username ?? "", accessToken });
    await outcome(peer, type, row.data(subject));
  }
  const records = await core.core.audit.list({ limit: 500, actor: viewer?.username });
  const refusals = records.filter(({ outcome: how }) => how === "refused");
  const refused = refusals.map(({ action }) => action);
  const audited = Object.entries(handlers).filter(([, { audit, role }]) => audit !== undefined && role !== "viewer");
  assert.deepEqual(refused.sort(), audited.map(([type]) => type).sort());
  assert.ok(refusals.every(({ details }) => details["code"] === "FORBIDDEN"));
  const done = new Set(records.filter(({ outcome: how }) => how === "done").map(({ action }) => action));
  assert.ok(done.has("two-factor-set-up") && !done.has("node-list") && !done.has("history"));
});
