import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { AccessTokens } from "../../../src-main/core/identity/accessTokens.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

const key = new Uint8Array(32).fill(1);
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that is signed as its header says, by default with the right key. */
function forge(header: object, payload: object, signingKey: Uint8Array = key): string {
  const content = `${base64(header)}.${base64(payload)}`;
  const digest = "alg" in header && header.alg === "HS512" ? "sha512" : "sha256";
  return `${content}.${createHmac(digest, signingKey).update(content).digest("base64url")}`;
}

function setUp() {
  const clock = new ManualClock();
  const now = Math.floor(clock.wallTime() / 1000);
  const payload = { sid: "session", iss: "picket", sub: "user", iat: now, exp: now + 100 };
  return { clock, payload, tokens: new AccessTokens(key, clock) };
}

test("a token says who and which session, for an hour", async () => {
  const { clock, tokens } = setUp();
  const token = await tokens.sign("user", "session");
  const claims = { userId: "user", sessionId: "session", expiresAt: clock.wallTime() + 3_600_000 };
  assert.deepEqual(await tokens.verify(token), claims);
  clock.advance(3_599_000);
  assert.deepEqual(await tokens.verify(token), claims);
  clock.advance(1_000);
  assert.equal(await tokens.verify(token), undefined);
});

test("a token made by hand with the right key and claims is a token: the forgeries below differ in one thing each", async () => {
  const { payload, tokens } = setUp();
  assert.notEqual(await tokens.verify(forge({ alg: "HS256" }, payload)), undefined);
});

const forgeries: readonly (readonly [string, (payload: Readonly<Record<string, unknown>>) => string])[] = [
  ["of another key", (payload) => forge({ alg: "HS256" }, payload, new Uint8Array(32).fill(2))],
  ["without a signature", (payload) => `${base64({ alg: "none" })}.${base64(payload)}.`],
  ["that says none and is signed", (payload) => forge({ alg: "none" }, payload)],
  ["that says None and has no signature", (payload) => `${base64({ alg: "None" })}.${base64(payload)}.`],
  ["of another algorithm", (payload) => forge({ alg: "HS512" }, payload)],
  [
    "with a key of its own",
    (payload) => forge({ alg: "HS256", jwk: { kty: "oct", k: "AAAA" } }, payload, Buffer.alloc(3)),
  ],
  ["of another issuer", (payload) => forge({ alg: "HS256" }, { ...payload, iss: "other" })],
  ["without an issuer", ({ iss: _, ...payload }) => forge({ alg: "HS256" }, payload)],
  ["without a user", ({ sub: _, ...payload }) => forge({ alg: "HS256" }, payload)],
  ["without a session", ({ sid: _, ...payload }) => forge({ alg: "HS256" }, payload)],
  ["with a session that is no text", (payload) => forge({ alg: "HS256" }, { ...payload, sid: 1 })],
  ["without an end", ({ exp: _, ...payload }) => forge({ alg: "HS256" }, payload)],
  ["that has expired", (payload) => forge({ alg: "HS256" }, { ...payload, exp: payload["iat"] })],
  ["that is not good yet", (payload) => forge({ alg: "HS256" }, { ...payload, nbf: Number(payload["exp"]) })],
  ["with an unknown critical header", (payload) => forge({ alg: "HS256", crit: ["x"], x: 1 }, payload)],
  [
    "whose payload was exchanged",
    (payload) => {
      const [header = "", , signature = ""] = forge({ alg: "HS256" }, payload).split(".");
      return `${header}.${base64({ ...payload, sub: "admin" })}.${signature}`;
    },
  ],
  ["that is cut off", (payload) => forge({ alg: "HS256" }, payload).slice(0, -1)],
  ["of nothing", () => ""],
  ["of dots", () => ".."],
  ["that is no JSON", () => "e30.e30.e30"],
];

for (const [what, make] of forgeries) {
  test(`a token ${what} is nobody's`, async () => {
    const { payload, tokens } = setUp();
    assert.equal(await tokens.verify(make(payload)), undefined);
  });
}

test("a token outlives a restart with the same key", async () => {
  const { clock, tokens } = setUp();
  const token = await tokens.sign("user", "session");
  assert.notEqual(await new AccessTokens(Uint8Array.from(key), clock).verify(token), undefined);
});
