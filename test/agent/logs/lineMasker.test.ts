import assert from "node:assert/strict";
import { test } from "node:test";
import { LineMasker } from "../../../src-main/agent/logs/lineMasker.ts";

const masked = "‹masked›";
/** Put together here, so that nothing in this file looks like a secret itself. */
const token = `eyJ${"a".repeat(20)}.${"b".repeat(20)}.${"c".repeat(20)}`;

const cases: readonly (readonly [string, string])[] = [
  ["Authorization: Bearer abcdef123456", `Authorization: Bearer ${masked}`],
  ["authorization: basic dXNlcjpwYXNz", `authorization: basic ${masked}`],
  ["login password=hunter2 from 10.0.0.1", `login password=${masked} from 10.0.0.1`],
  ['{"user":"ann","password":"hun ter2","port":22}', `{"user":"ann","password":${masked},"port":22}`],
  ["DB_PASSWORD: 'a b c' ok", `DB_PASSWORD: ${masked} ok`],
  ["client_secret=abc&state=7", `client_secret=${masked}&state=7`],
  ["api-key = 0123456789", `api-key = ${masked}`],
  [`key AKIA${"ABCDEFGH01234567"} used`, `key ${masked} used`],
  ["postgres://ann:hunter2@db.example:5432/x", `postgres://ann:${masked}@db.example:5432/x`],
  [`session ${token} began`, `session ${masked} began`],
  ["joined with pkt_enrol_0123-abc_DEF", `joined with ${masked}`],
  [`cloned with ghp_${"a".repeat(36)}`, `cloned with ${masked}`],
  ["a -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- b", `a ${masked} b`],
  [
    "nothing hidden: user ann logged in from ann@example.org",
    "nothing hidden: user ann logged in from ann@example.org",
  ],
  ["https://example.org/path?x=1", "https://example.org/path?x=1"],
];

test("what looks like a secret is taken out, and what stands around it is kept", () => {
  for (const [line, expected] of cases) assert.equal(new LineMasker([]).mask(line), expected);
});

test("a private key over several lines is taken out to its end, and no further", () => {
  const masker = new LineMasker([]);
  const lines = [
    "before",
    "-----BEGIN RSA PRIVATE KEY-----",
    "MIIEow",
    "IBAAKC",
    "-----END RSA PRIVATE KEY-----",
    "after",
  ];
  const shown = lines.map((line) => masker.mask(line));
  assert.deepEqual(shown, ["before", masked, masked, masked, masked, "after"]);
});

test("a key whose end never comes does not hide everything", () => {
  const masker = new LineMasker([]);
  masker.mask("-----BEGIN PRIVATE KEY-----");
  const shown = Array.from({ length: 300 }, () => masker.mask("line"));
  assert.equal(shown[0], masked);
  assert.equal(shown.at(-1), "line");
});

test("what the policy names is taken out as well", () => {
  const masker = new LineMasker([/card \d+/gu, /ACME-\w+/gu]);
  assert.equal(masker.mask("card 1234 of ACME-77, card 5"), `${masked} of ${masked}, ${masked}`);
});

test("a long line of a stranger's costs no more than its length", () => {
  const masker = new LineMasker([]);
  for (const piece of ["a://", "password=", "-----BEGIN ", "bearer ", "eyJ", "x:"]) {
    const line = piece.repeat(16_384 / piece.length);
    // It ends: with a pattern that looks back again and again it would not within the test's time.
    for (let turn = 0; turn < 50; turn += 1) masker.mask(line);
    assert.equal(typeof masker.mask("x"), "string");
  }
});
