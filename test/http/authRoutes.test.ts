import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { type Answer, postJson, request } from "../support/request.ts";
import { adminPassword, startCore, type TestCore } from "../support/startCore.ts";

failOnLeaks();

const admin = { username: "admin", password: adminPassword };

type Headers = Readonly<Record<string, string>>;

/** Posts to `/api/v1/auth/…` of a core. */
const poster =
  ({ httpUrl }: TestCore) =>
  (call: string, body: unknown, headers: Headers = {}): Promise<Answer> =>
    postJson(httpUrl, `/api/v1/auth/${call}`, { body, headers });

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

function tokensOf(answer: Answer): Tokens {
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as Tokens;
}

function errorOf({ text }: Answer): { readonly code: string; readonly message: string; readonly details?: string } {
  return (JSON.parse(text) as { error: ReturnType<typeof errorOf> }).error;
}

/** The refresh cookie that an answer sets, as it is sent back, and its attributes. */
function cookieOf({ headers }: Answer): { readonly pair: string; readonly attributes: readonly string[] } {
  const [pair = "", ...attributes] = (headers["set-cookie"]?.[0] ?? "").split("; ");
  return { pair, attributes };
}

const isSignedIn = async (core: TestCore, token: string): Promise<boolean> =>
  (await core.core.sessions.principalOf(token)) !== undefined;

test("a sign-in answers exactly what scripts rely on", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const answer = await post("login", admin);
  const { access_token, refresh_token, ...rest } = JSON.parse(answer.text) as Tokens;
  assert.deepEqual([answer.status, rest], [200, { token_type: "Bearer", expires_in: 3600 }]);
  assert.ok(await isSignedIn(core, access_token));
  assert.match(refresh_token, /^pkt_refresh_/);
  assert.equal(answer.headers["set-cookie"], undefined);
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
});

test("where a sign-in comes from is kept with its session", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  await post("login", admin, { "user-agent": "my browser", "x-forwarded-for": "198.51.100.1" });
  const [user] = await core.core.users.list();
  const [session] = await core.core.sessions.list(user?.id ?? "");
  assert.deepEqual([session?.address, session?.userAgent], ["127.0.0.1", "my browser"], "not what a header claims");
});

test("a wrong password and an unknown name are 401, and too many tries 429 with the time to wait", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  for (const username of ["admin", "nobody", "admin", "admin", "admin", "admin"]) {
    const answer = await post("login", { username, password: "wrong password" });
    assert.equal(answer.status, 401);
    const { code, message } = errorOf(answer);
    assert.deepEqual([code, message], ["INVALID_CREDENTIALS", "User name or password is wrong."]);
  }
  const answer = await post("login", admin);
  assert.equal(answer.status, 429);
  assert.equal(errorOf(answer).code, "RATE_LIMITED");
  assert.match(String(answer.headers["retry-after"]), /^900$/);
});

test("a refresh gives a new pair; the used one ends the session, with 401 for both", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const first = tokensOf(await post("login", admin));
  const second = tokensOf(await post("refresh", { refresh_token: first.refresh_token }));
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.ok(await isSignedIn(core, second.access_token));
  for (const { refresh_token } of [first, second]) {
    const answer = await post("refresh", { refresh_token });
    assert.deepEqual([answer.status, errorOf(answer).code], [401, "UNAUTHORIZED"]);
  }
  assert.equal(await isSignedIn(core, second.access_token), false);
});

test("with a cookie the refresh token is seen by no script", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const answer = await post("login", { ...admin, cookie: true });
  const body = JSON.parse(answer.text) as object;
  assert.deepEqual(Object.keys(body).sort(), ["access_token", "expires_in", "token_type"]);
  const { pair, attributes } = cookieOf(answer);
  assert.match(pair, /^picket_refresh=pkt_refresh_/);
  assert.deepEqual(attributes, [`Max-Age=${30 * 24 * 3600}`, "Path=/api/v1/auth", "HttpOnly", "SameSite=Strict"]);
  const refreshed = await post("refresh", {}, { cookie: `other=1; ${pair}` });
  assert.equal(refreshed.status, 200);
  assert.equal("refresh_token" in (JSON.parse(refreshed.text) as object), false);
  const next = cookieOf(refreshed);
  assert.notEqual(next.pair, pair);
  const reused = await post("refresh", {}, { cookie: pair });
  assert.equal(reused.status, 401);
  assert.equal(cookieOf(reused).pair, "picket_refresh=", "a cookie that is good for nothing is taken away");
  assert.ok(cookieOf(reused).attributes.includes("Max-Age=0"));
});

test("a refresh that the database cannot do now leaves the cookie for later", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const { pair } = cookieOf(await post("login", { ...admin, cookie: true }));
  const { sessions } = core.core;
  const { PicketError } = await import("../../src-main/base/errors.ts");
  const mock = t.mock.method(sessions, "refresh", () => Promise.reject(new PicketError("DATABASE_ERROR")));
  const answer = await post("refresh", {}, { cookie: pair });
  assert.deepEqual([answer.status, answer.headers["set-cookie"]], [503, undefined]);
  mock.mock.restore();
  assert.equal((await post("refresh", {}, { cookie: pair })).status, 200);
});

test("without a token or cookie there is nothing to refresh", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  for (const cookie of ["", "picket_refresh=", "picket_refresh", "xpicket_refresh=pkt_refresh_0_a"]) {
    assert.equal((await post("refresh", {}, { cookie })).status, 401, cookie);
  }
  const empty = await request(core.httpUrl, "/api/v1/auth/refresh", { method: "POST" });
  assert.equal(empty.status, 401);
});

test("a ticket signs in once, also into a cookie", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const [user] = await core.core.users.list();
  const ticket = core.core.tickets.create(user?.id ?? "");
  const answer = await post("ticket", { ticket, cookie: true });
  assert.ok(await isSignedIn(core, tokensOf(answer).access_token));
  assert.match(cookieOf(answer).pair, /^picket_refresh=pkt_refresh_/);
  const again = await post("ticket", { ticket });
  assert.deepEqual([again.status, errorOf(again).code], [401, "UNAUTHORIZED"]);
  assert.equal((await post("ticket", { ticket: "guess" })).status, 401);
});

test("a ticket of a user who was removed meanwhile signs nobody in", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const { users, tickets } = core.core;
  const user = await users.create({ username: "kim", password: adminPassword, role: "viewer" });
  const ticket = tickets.create(user.id);
  await users.remove(user.id);
  assert.equal((await post("ticket", { ticket })).status, 401);
});

test("signing out ends the session and takes the cookie away, and is fine for nobody", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const { access_token, refresh_token } = tokensOf(await post("login", admin));
  const out = await post("logout", { refresh_token });
  assert.deepEqual([out.status, JSON.parse(out.text)], [200, {}]);
  assert.equal(await isSignedIn(core, access_token), false);
  const byCookie = await post("login", { ...admin, cookie: true });
  const gone = await post("logout", {}, { cookie: cookieOf(byCookie).pair });
  assert.equal(cookieOf(gone).pair, "picket_refresh=");
  assert.equal(await isSignedIn(core, tokensOf(byCookie).access_token), false);
  assert.equal((await post("logout", {})).status, 200);
  assert.equal((await post("logout", { refresh_token: "nonsense" })).status, 200);
});

const badBodies: readonly (readonly [call: string, body: unknown, details: RegExp])[] = [
  ["login", "", /.*/],
  ["login", "{", /JSON/i],
  ["login", "null", /JSON object/],
  ["login", "[]", /JSON object/],
  ["login", '"text"', /JSON object/],
  ["login", {}, /^username /],
  ["login", { username: "admin" }, /^password /],
  ["login", { username: "", password: "x" }, /^username /],
  ["login", { username: ["admin"], password: "x" }, /^username /],
  ["login", { username: { $ne: 1 }, password: "x" }, /^username /],
  ["login", { username: "x".repeat(1025), password: "x" }, /^username /],
  ["login", { ...admin, cookie: "yes" }, /^cookie /],
  ["login", '{"username":"admin","password":"x","__proto__":{"a":1}}', /.*/],
  ["ticket", {}, /^ticket /],
  ["ticket", { ticket: 5 }, /^ticket /],
  ["refresh", { refresh_token: 5 }, /^refresh_token /],
  ["refresh", { refresh_token: "x".repeat(2000) }, /^refresh_token /],
  ["logout", { refresh_token: null }, /^refresh_token /],
];

test("bodies that are wrong are 400, say which field, and keep nobody out afterwards", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  for (const [call, body, details] of badBodies) {
    const answer = await post(call, body);
    assert.equal(answer.status, 400, `${call} ${JSON.stringify(body)}: ${answer.text}`);
    const error = errorOf(answer);
    assert.equal(error.code, "INVALID_PARAMS");
    assert.match(error.details ?? "", details, answer.text);
  }
  assert.equal((await post("login", admin)).status, 200);
});

test("bodies that are too large or of another type are refused with their own status", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const large = await post("login", { ...admin, padding: "x".repeat(70_000) });
  assert.deepEqual([large.status, errorOf(large).code], [413, "INVALID_PARAMS"]);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const asForm = await post("login", "username=admin&password=x", form);
  assert.equal(asForm.status, 415);
  const asText = await post("login", JSON.stringify(admin), { "content-type": "text/plain" });
  assert.ok(asText.status === 400 || asText.status === 415, `${asText.status}: what a page may send unasked`);
});

test("a page of another site signs nobody in, with whatever cookie", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const { pair } = cookieOf(await post("login", { ...admin, cookie: true }));
  for (const origin of ["http://evil.example", "null", "http://127.0.0.1:1"]) {
    for (const [call, body] of [
      ["login", admin],
      ["refresh", {}],
      ["logout", {}],
    ] as const) {
      const answer = await post(call, body, { origin, cookie: pair });
      assert.deepEqual([answer.status, errorOf(answer).code], [403, "FORBIDDEN"], `${call} from ${origin}`);
      assert.equal(answer.headers["set-cookie"], undefined);
    }
  }
  assert.equal((await post("refresh", {}, { origin: core.httpUrl, cookie: pair })).status, 200);
});
