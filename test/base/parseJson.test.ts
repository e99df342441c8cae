import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "../../src-main/base/parseJson.ts";

const broken: readonly (readonly [text: string, position: number, what: string])[] = [
  ["", 0, "nothing"],
  ["   ", 3, "only blanks"],
  ['{"type": x', 9, "a bare word"],
  ['{"a":1', 6, "an end too early"],
  ['{"a":1,}', 7, "a comma before the end"],
  ["[1,]", 3, "the same in a list"],
  ["[1 2]", 3, "a missing comma"],
  ['{"a" 1}', 5, "a missing colon"],
  ["{1:2}", 1, "a key that is no string"],
  ['{"a":1]', 6, "the wrong bracket"],
  ["[1}", 2, "the other wrong bracket"],
  ['{"a":"\u0001"}', 5, "a control character in a string"],
  ['"\\x"', 0, "an escape that does not exist"],
  ["01", 1, "a number with a leading zero"],
  ["1 1", 2, "two values"],
  ["nul", 0, "a word cut off"],
  ["{}}", 2, "something behind the end"],
  ["NaN", 0, "not a number"],
  ["'a'", 0, "single quotes"],
];

for (const [text, position, what] of broken) {
  test(`says where JSON breaks: ${what}`, () => {
    const parsed = parseJson(text);
    assert.equal(parsed.ok, false);
    assert.equal(!parsed.ok && parsed.error.position, position, text);
  });
}

test("parses what is JSON", () => {
  assert.deepEqual(parseJson(' {"a":[1,-2.5e3,true,null,"\\u00e9"]} '), {
    ok: true,
    value: { a: [1, -2500, true, null, "é"] },
  });
});

test("a megabyte of open brackets does not overflow the stack", () => {
  const parsed = parseJson("[".repeat(1024 * 1024));
  assert.equal(!parsed.ok && parsed.error.position, 1024 * 1024);
});
