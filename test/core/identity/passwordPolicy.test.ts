import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defaultPasswordPolicy,
  isPasswordExpired,
  passwordClasses,
  passwordFaults,
  requireGoodPassword,
} from "../../../src-main/core/identity/passwordPolicy.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const strict = { minLength: 8, maxLength: 12, mustContain: passwordClasses, expiresAfterDays: 30 } as const;

test("what a password lacks is named", () => {
  const cases = [
    ["Abcdef1!", undefined],
    ["Äbcdéf1 ", undefined],
    ["Abcdef1", { length: true, missing: ["special"] }],
    ["abcdefgh", { length: false, missing: ["uppercase", "digit", "special"] }],
    ["ABCDEFG1!", { length: false, missing: ["lowercase"] }],
    ["Abcdef1!Abcde", { length: true, missing: [] }],
    ["", { length: true, missing: ["uppercase", "lowercase", "digit", "special"] }],
  ] as const;
  for (const [password, faults] of cases) assert.deepEqual(passwordFaults(strict, password), faults, password);
});

test("a refusal says what is asked for", () => {
  assert.throws(() => requireGoodPassword(strict, "abc"), {
    code: "PASSWORD_TOO_WEAK",
    details: "it must have 8 to 12 characters; it must contain: uppercase, digit, special",
  });
  requireGoodPassword(strict, "Abcdef1!");
});

test("a password is too old after its days, and never where there are none", () => {
  const day = 86_400_000;
  assert.equal(isPasswordExpired(strict, 0, 30 * day), false);
  assert.equal(isPasswordExpired(strict, 0, 30 * day + 1), true);
  assert.equal(isPasswordExpired(defaultPasswordPolicy, 0, 1e15), false);
});
