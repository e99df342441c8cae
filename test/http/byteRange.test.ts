import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteRange, readRange } from "../../src-main/http/byteRange.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

const rows: readonly (readonly [string | undefined, number, ByteRange | "outside" | undefined])[] = [
  [undefined, 10, undefined],
  ["", 10, undefined],
  ["bytes=0-0", 10, { start: 0, end: 1 }],
  ["bytes=0-9", 10, { start: 0, end: 10 }],
  ["bytes=0-", 10, { start: 0, end: 10 }],
  ["bytes=9-", 10, { start: 9, end: 10 }],
  ["bytes=3-5", 10, { start: 3, end: 6 }],
  ["bytes=3-500", 10, { start: 3, end: 10 }],
  ["Bytes=3-5", 10, { start: 3, end: 6 }],
  ["bytes=-3", 10, { start: 7, end: 10 }],
  ["bytes=-300", 10, { start: 0, end: 10 }],
  ["bytes=-0", 10, "outside"],
  ["bytes=10-", 10, "outside"],
  ["bytes=10-20", 10, "outside"],
  ["bytes=0-", 0, "outside"],
  ["bytes=-1", 0, "outside"],
  ["bytes=5-3", 10, undefined],
  ["bytes=-", 10, undefined],
  ["bytes=0-1,3-4", 10, undefined],
  ["bytes=a-b", 10, undefined],
  ["bytes = 0-1", 10, undefined],
  ["bytes=--1", 10, undefined],
  ["bytes=1.5-2", 10, undefined],
  ["lines=0-1", 10, undefined],
  ["bytes=99999999999999999999-", 10, "outside"],
  ["bytes=0-99999999999999999999", 10, { start: 0, end: 10 }],
];

for (const [header, size, wanted] of rows) {
  test(`the range "${header}" of ${size} bytes`, () => {
    assert.deepEqual(readRange(header, size), wanted);
  });
}
