import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { accessTokenLifetime } from "../../../src-main/core/identity/accessTokens.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passTime } from "../../support/passTime.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { adminPassword, startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const lifetime = accessTokenLifetime * 1_000;
const origin = { address: "127.0.0.1", userAgent: "test" };

async function consoleOf(t: TestContext, core: TestCore, token?: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(t, `${core.wsUrl}/ws${token === undefined ? "" : `?token=${token}`}`);
  if (token === undefined) return peer;
  assert.equal(await ask(peer, "ping"), "ping-response");
  return peer;
}

/** The type of the answer, or the code of the error. */
async function ask(peer: RawPeer, type: string, data: object = {}): Promise<string> {
  peer.send({ type, id: type, data });
  for (;;) {
    const answer = await peer.next();
    if (answer["id"] !== type) continue;
    return answer["type"] === "error" ? (answer["data"] as { code: string }).code : String(answer["type"]);
  }
}

interface Grant {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

async function post(
  core: TestCore,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly grant: Grant }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${core.httpUrl}/api/v1/auth/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return { status: response.status, grant: (await response.json()) as Grant };
}

test("a token that expires closes the connection with UNAUTHORIZED and 1008; a new one in time keeps it", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const { grant } = await post(core, "login", { username: "admin", password: adminPassword });
  assert.equal(grant.expires_in, accessTokenLifetime);
  const careless = await consoleOf(t, core, grant.access_token);
  const careful = await consoleOf(t, core, grant.access_token);
  await passTime(clock, lifetime / 2, [careless, careful]);
  const { grant: renewed } = await post(core, "refresh", { refresh_token: grant.refresh_token });
  assert.equal(await ask(careful, "auth", { token: renewed.access_token }), "auth-response");
  await passTime(clock, lifetime / 2 + 1_000, [careful]);
  const { type, data } = await careless.next();
  assert.deepEqual([type, (data as { code: string }).code], ["error", "UNAUTHORIZED"]);
  assert.equal((await careless.closed).code, 1008);
  assert.equal(await ask(careful, "ping"), "ping-response");
  await passTime(clock, lifetime / 2 - 10_000, [careful]);
  clock.advance(10_000);
  assert.equal((await careful.closed).code, 1008);
});

test("an expired, a forged and another core's token let nobody in", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const expired = await core.signIn();
  clock.advance(lifetime + 1_000);
  const other = await startCore(t, { clock });
  const good = await core.signIn();
  const [header = "", claims = "", signature = ""] = good.split(".");
  const more = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp: number };
  const stretched = Buffer.from(JSON.stringify({ ...more, exp: more.exp + 1e6 })).toString("base64url");
  const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  const tokens = [
    expired,
    await other.signIn(),
    `${header}.${stretched}.${signature}`,
    `${none}.${claims}.`,
    `${header}.${claims}.`,
    `${good}x`,
    good.slice(0, -2),
  ];
  for (const token of tokens) {
    for (const inAddress of [true, false]) {
      const peer = await RawPeer.connect(t, `${core.wsUrl}/ws${inAddress ? `?token=${token}` : ""}`);
      if (!inAddress) peer.send({ type: "auth", id: "a", data: { token } });
      const { type, data } = await peer.next();
      assert.deepEqual([type, (data as { code: string }).code], ["error", "UNAUTHORIZED"], token);
      assert.equal((await peer.closed).code, 1008);
    }
  }
});

test("without a token there are ten seconds for auth", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const silent = await consoleOf(t, core);
  const slow = await consoleOf(t, core);
  await passTime(clock, 9_000, [silent, slow]);
  assert.equal(await ask(slow, "auth", { token: await core.signIn() }), "auth-response");
  await passTime(clock, 2_000, [slow]);
  assert.equal((await silent.closed).code, 1008);
  assert.equal(await ask(slow, "ping"), "ping-response");
});

test("a refresh token that comes a second time ends its session, and with it the connections", async (t) => {
  const core = await startCore(t);
  const { grant } = await post(core, "login", { username: "admin", password: adminPassword });
  const bystander = await consoleOf(t, core, await core.signIn());
  const { grant: second, status } = await post(core, "refresh", { refresh_token: grant.refresh_token });
  assert.equal(status, 200);
  const peer = await consoleOf(t, core, second.access_token);
  assert.equal((await post(core, "refresh", { refresh_token: grant.refresh_token })).status, 401);
  assert.equal((await peer.closed).code, 1008);
  assert.equal((await post(core, "refresh", { refresh_token: second.refresh_token })).status, 401);
  const again = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${second.access_token}`);
  assert.equal((await again.closed).code, 1008, "its access token is worth nothing any more");
  assert.equal(await ask(bystander, "ping"), "ping-response");
});

test("signing out, revoking, removing the user and a new password end exactly the sessions they should", async (t) => {
  const core = await startCore(t);
  const { core: nouns } = core;
  const user = await nouns.users.create({ username: "somebody", password: adminPassword, role: "operator" });
  const enter = async (): Promise<{ readonly peer: RawPeer; readonly grant: Grant }> => {
    const { grant } = await post(core, "login", { username: "somebody", password: adminPassword });
    return { peer: await consoleOf(t, core, grant.access_token), grant };
  };
  const bystander = await consoleOf(t, core, await core.signIn());
  const out = await enter();
  await post(core, "logout", { refresh_token: out.grant.refresh_token });
  assert.equal((await out.peer.closed).code, 1008);

  const revoker = await enter();
  const revoked = await enter();
  const sessions = await nouns.sessions.list(user.id);
  const claims = JSON.parse(Buffer.from(revoked.grant.access_token.split(".")[1] ?? "", "base64url").toString()) as {
    sid: string;
  };
  assert.ok(sessions.some(({ id }) => id === claims.sid));
  assert.equal(await ask(revoker.peer, "session-revoke", { sessionId: claims.sid }), "session-revoke-response");
  assert.equal((await revoked.peer.closed).code, 1008);
  assert.equal(await ask(revoker.peer, "ping"), "ping-response");

  const other = await enter();
  const change = { current: adminPassword, next: "another good password" };
  assert.equal(await ask(revoker.peer, "password-change", change), "password-change-response");
  assert.equal((await other.peer.closed).code, 1008);
  assert.equal(await ask(revoker.peer, "ping"), "ping-response");

  assert.equal(await ask(bystander, "user-remove", { userId: user.id }), "user-remove-response");
  assert.equal((await revoker.peer.closed).code, 1008);
  assert.equal(await ask(bystander, "ping"), "ping-response");
});

test("a role or groups that change hold from the next request on, on connections that are open", async (t) => {
  const core = await startCore(t);
  const user = await core.core.users.create({ username: "somebody", password: adminPassword, role: "administrator" });
  const { accessToken } = await core.core.sessions.signInAs(user.id, origin);
  const peer = await consoleOf(t, core, accessToken);
  assert.equal(await ask(peer, "user-list"), "user-list-response");
  await core.core.users.change(user.id, { role: "viewer" });
  await eventually(async () => (await ask(peer, "user-list")) === "FORBIDDEN");
  await core.core.users.change(user.id, { role: "administrator", groups: [] });
  await eventually(async () => (await ask(peer, "token-list")) === "token-list-response");
  assert.equal(await ask(peer, "user-list"), "FORBIDDEN", "who sees no group may not touch users");
});
