import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../../src-renderer/views/command/printable.ts";

const rows: readonly { readonly name: string; readonly output: string; readonly shown: string }[] = [
  { name: "text is left as it is", output: "a\tb\n节点 é 🖥\n", shown: "a\tb\n节点 é 🖥\n" },
  { name: "colours", output: "\x1b[1;31mred\x1b[0m and \x1b[38;5;12mblue\x1b[m", shown: "red and blue" },
  { name: "a title, ended either way", output: "\x1b]0;mine\x07a\x1b]2;mine\x1b\\b", shown: "ab" },
  { name: "a link is its words", output: "\x1b]8;;javascript:alert(1)\x1b\\here\x1b]8;;\x1b\\", shown: "here" },
  { name: "a string for the terminal itself", output: "a\x1bP1$r0m\x1b\\b\x1b_x\x1b\\c", shown: "abc" },
  { name: "two-character sequences", output: "\x1b(Ba\x1b=b\x1bMc", shown: "abc" },
  { name: "a sequence that is cut off", output: "a\x1b[3", shown: "a" },
  { name: "line ends of every kind", output: "a\r\nb\rc\n", shown: "a\nb\nc\n" },
  { name: "controls, also those of the upper half", output: "a\x00\x07\x08b\x7f\x9b31mc", shown: "ab31mc" },
];

for (const { name, output, shown } of rows) {
  test(`output on a page: ${name}`, () => assert.equal(printable(output), shown));
}

test("output that was made to be slow to read is not", () => {
  const started = performance.now();
  printable("\x1b[".repeat(100_000) + "0;".repeat(100_000));
  printable(`\x1b]${"\x1b]".repeat(100_000)}`);
  assert.ok(performance.now() - started < 2_000);
});
