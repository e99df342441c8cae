import assert from "node:assert/strict";
import { test } from "node:test";
import { lineMatcher, parseLogQuery } from "../../../src-main/core/logs/logQuery.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openLogs } from "../../support/openLogs.ts";

failOnLeaks();

const lines = [
  "Failed password for root from 192.168.7.10 port 22",
  "Accepted publickey for ann from 192.168.7.101 port 22",
  "GET /api/v1/nodes?id=7 200 12ms",
  "disk /dev/sda1 is 91% full",
  "user ann: Übergröße naïve café",
  "用户登录失败：密码错误",
  "---- begin ----",
  "checkpoint complete: wrote 12 buffers",
] as const;

/** What a person types, and which of the lines it finds. */
const cases: readonly (readonly [string, readonly number[]])[] = [
  ["", [0, 1, 2, 3, 4, 5, 6, 7]],
  ["   ", [0, 1, 2, 3, 4, 5, 6, 7]],
  ["root", [0]],
  ["ROOT failed", [0]],
  ["from port", [0, 1]],
  ["from -root", [1]],
  ["-from", [2, 3, 4, 5, 6, 7]],
  ['"password for root"', [0]],
  ['"for password root"', []],
  ['-"port 22" ann', [4]],
  ["192.168.7.10", [0]],
  ["192.168.7", [0, 1]],
  ["check*", [7]],
  ["wrot*", [7]],
  ["192.168.7.1*", [0, 1]],
  ["/api/v1/nodes", [2]],
  ["uber*", [4]],
  ["naive CAFE", [4]],
  ["登录", [5]],
  ["登录失败", [5]],
  ["录登", []],
  ["----", [6]],
  ["91%", [3]],
  ["%", [3]],
  ['"unclosed', []],
  ['"disk', [3]],
  ["root AND", []],
  ["OR", []],
  ["NOT root", []],
  ["NEAR(root port)", []],
  ["message:root", []],
  ["(root", [0]],
  ["root)", [0]],
  ["^root", [0]],
  ['ro"ot', []],
  ["*", []],
  // Somebody who is about to write a phrase.
  ['"', [0, 1, 2, 3, 4, 5, 6, 7]],
  ["r*", []],
  ["'; drop table lines_1; --", []],
];

test("what a person types finds what it says, in the index and in lines that just came in alike", async (t) => {
  const logs = await openLogs(t);
  await logs.add(1, lines);
  for (const [text, expected] of cases) {
    const wanted = expected.map((index) => lines[index]);
    const found = (await logs.find({ text })).toReversed();
    assert.deepEqual(found, wanted, `stored, for ${text}`);
    assert.deepEqual(lines.filter(lineMatcher(parseLogQuery(text))), wanted, `live, for ${text}`);
  }
});

test("nothing that can be typed makes a search fail", async (t) => {
  const logs = await openLogs(t);
  await logs.add(1, lines);
  const pieces = [
    '"',
    "*",
    "-",
    "(",
    ")",
    "^",
    ":",
    "+",
    "{",
    "}",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "a",
    "tags:x",
    "\0",
    " ",
  ];
  let seed = 7;
  for (let round = 0; round < 400; round += 1) {
    let text = "";
    for (let count = 0; count < 6; count += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      text += pieces[seed % pieces.length];
    }
    await logs.find({ text });
  }
  await logs.find({ text: "word ".repeat(200) });
});
