import assert from "node:assert/strict";
import { test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import { checkName } from "../../../src-main/core/documents/names.ts";

const good: readonly (readonly [name: string, stored?: string])[] = [
  ["a"],
  ["report.pdf"],
  [".gitignore"],
  ["..hidden"],
  ["a..b"],
  [" leading space"],
  ["two  spaces"],
  ['100 % *new*: "a" <b> | c?'],
  ["年度报告（最终版）.docx"],
  ["Ελληνικά"],
  ["שלום"],
  ["👩‍👩‍👧"],
  ["e\u0301te\u0301", "\u00e9t\u00e9"],
  ["\u1100\u1161", "\uac00"],
  ["con1"],
  ["console"],
  ["com10"],
  ["com"],
  ["lpt"],
  ["auxiliary.txt"],
  ["nul_"],
  ["a.con"],
  ["__proto__"],
  ["a".repeat(255)],
  ["文".repeat(85)],
];

const bad: readonly (readonly [name: string, why: RegExp])[] = [
  ["", /empty/],
  [".", /stands for a folder/],
  ["..", /stands for a folder/],
  ["...", /dot or a space/],
  ["a.", /dot or a space/],
  ["a ", /dot or a space/],
  ["a. .", /dot or a space/],
  [" ", /seen/],
  ["\u3000", /seen/],
  ["\u200b\u200d", /seen/],
  ["\ufeff", /seen/],
  ["a/b", /slash/],
  ["/", /slash/],
  ["a\\b", /slash/],
  ["../etc/passwd", /slash/],
  ["a\u0000b", /control/],
  ["a\nb", /control/],
  ["a\tb", /control/],
  ["a\u007f", /control/],
  ["a\u0085b", /control/],
  ["a\u2028b", /control/],
  ["a\u202egpj.exe", /direction/],
  ["\u2066a", /direction/],
  ["a\ud800", /half/],
  ["\udc00a", /half/],
  ["con", /Windows/],
  ["CON", /Windows/],
  ["Con.txt", /Windows/],
  ["con .txt", /Windows/],
  ["prn", /Windows/],
  ["aux.tar.gz", /Windows/],
  ["nul", /Windows/],
  ["COM1", /Windows/],
  ["com9.log", /Windows/],
  ["lpt1", /Windows/],
  ["LPT²", /Windows/],
  ["conin$", /Windows/],
  ["CONOUT$", /Windows/],
  ["a".repeat(256), /255 bytes/],
  ["文".repeat(86), /255 bytes/],
  // Composed characters that have to be taken apart are longer then.
  ["\u0958".repeat(85), /255 bytes/],
  ["a".repeat(1_000_000), /255 bytes/],
];

test("names that every system can write are stored with composed characters", () => {
  for (const [name, stored = name] of good) assert.equal(checkName(name), stored);
});

for (const [name, why] of bad) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} (${name.length}) is refused because of ${why.source}`, () => {
    assert.throws(
      () => checkName(name),
      (error) => error instanceof PicketError && error.code === "NAME_INVALID" && why.test(error.details ?? ""),
    );
  });
}
