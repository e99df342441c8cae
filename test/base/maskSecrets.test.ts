import assert from "node:assert/strict";
import { test } from "node:test";
import { maskSecrets } from "../../src-main/base/maskSecrets.ts";

const mask = "‹masked›";

for (const key of [
  "token",
  "refresh_token",
  "accessToken",
  "password",
  "adminPassword",
  "secret",
  "client-secret",
  "Authorization",
  "set-cookie",
  "api_key",
  "apiKey",
  "private_key",
  "privateKey",
  "signature",
  "credentials",
  "ticket",
  "old_passwd",
  "backup_codes",
  "provisioning_uri",
  "task_id",
]) {
  test(`the value of the key ${key} is masked, at any depth`, () => {
    assert.deepEqual(maskSecrets({ [key]: "hidden" }), { [key]: mask });
    assert.deepEqual(maskSecrets({ data: [{ [key]: { inner: "hidden" } }] }), { data: [{ [key]: mask }] });
  });
}

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.aGlkZGVu-_sig";
const texts: readonly (readonly [what: string, text: string, masked: string])[] = [
  ["a JSON web token", jwt, mask],
  ["a JSON web token in a sentence", `Bearer ${jwt} was refused`, `Bearer ${mask} was refused`],
  ["an enrolment token", "pkt_enrol_0a1b2c_AbC-d_9", mask],
  ["a refresh token", "got pkt_refresh_0a1b2c_AbC-d_9, kept it", `got ${mask}, kept it`],
  ["two tokens", "pkt_enrol_1_a pkt_enrol_2_b", `${mask} ${mask}`],
  ["a token in a query", "wss://h/api/v1/ws?token=abc&node_id=n1", `wss://h/api/v1/ws?token=${mask}&node_id=n1`],
  ["a token later in a query", "/ws?node_id=n1&token=abc", `/ws?node_id=n1&token=${mask}`],
  ["a ticket behind the hash", "http://h/#ticket=abc", `http://h/#ticket=${mask}`],
  [
    "the secret of an authenticator",
    "otpauth://totp/P:kim?secret=AB&issuer=P",
    `otpauth://totp/P:kim?secret=${mask}&issuer=P`,
  ],
  ["a password in a query in quotes", 'GET "/x?password=abc" 200', `GET "/x?password=${mask}" 200`],
];

for (const [what, text, masked] of texts) {
  test(`${what} is masked wherever it stands`, () => {
    assert.equal(maskSecrets(text), masked);
    assert.deepEqual(maskSecrets({ a: { b: [text] } }), { a: { b: [masked] } });
  });
}

test("what is no secret stays as it is", () => {
  const plain = { nodeId: "node-1", uses: 3, ok: true, none: null, text: "the token was refused", list: [1, "a"] };
  assert.deepEqual(maskSecrets(plain), plain);
});

test("the number and the absence of secrets may be told", () => {
  assert.deepEqual(maskSecrets({ tokens: 3, hasPassword: true, token: null }), {
    tokens: 3,
    hasPassword: true,
    token: null,
  });
});

test("what is masked is a copy: the original keeps its secret", () => {
  const original = { token: "abc", nested: { password: "x" } };
  maskSecrets(original);
  assert.deepEqual(original, { token: "abc", nested: { password: "x" } });
});
