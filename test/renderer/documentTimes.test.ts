import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprintText } from "../../src-renderer/documents/fingerprintText.ts";
import { secondsOfField, timeFieldOf } from "../../src-renderer/documents/timeField.ts";
import { windowText } from "../../src-renderer/documents/windowText.ts";
import { en } from "../../src-renderer/i18n/en.ts";
import { Formats } from "../../src-renderer/i18n/formats.ts";
import { zh } from "../../src-renderer/i18n/zh.ts";

const now = Date.UTC(2026, 4, 6, 12) / 1000;
const format = new Formats("en");
const said = (time: number): string => format.shortDateTime(time * 1000);

test("a field shows local time, and means the same second again", () => {
  assert.equal(timeFieldOf(null), "");
  assert.equal(timeFieldOf(0), "");
  assert.match(timeFieldOf(now), /^2026-05-0\dT\d\d:\d\d$/);
  assert.equal(secondsOfField(timeFieldOf(now)), now);
  assert.equal(secondsOfField(""), undefined);
  assert.equal(secondsOfField("nonsense"), undefined);
  assert.equal(secondsOfField("1900-01-01T00:00"), undefined);
});

test("a time of a strange server breaks no field", () => {
  assert.equal(timeFieldOf(1e300), "");
});

for (const [start_time, end_time, text] of [
  [0, null, "always"],
  [now - 5, now + 5, `until ${said(now + 5)}`],
  [now + 5, null, `from ${said(now + 5)}`],
  [now + 5, now + 9, `from ${said(now + 5)} until ${said(now + 9)}`],
  [now - 9, now - 5, `over since ${said(now - 5)}`],
] as const) {
  test(`${start_time - now} to ${end_time === null ? "never" : end_time - now} is said as ${text}`, () => {
    assert.equal(windowText({ start_time, end_time }, { t: en, format, now }), text);
    assert.match(windowText({ start_time, end_time }, { t: zh, format: new Formats("zh"), now }), /[\u4e00-\u9fff]/);
  });
}

test("a time that no calendar has is shown as the last one there is", () => {
  assert.match(windowText({ start_time: -1e300, end_time: 1e300 }, { t: en, format, now }), /^until /);
});

test("a fingerprint is written as other programs print it", () => {
  assert.equal(fingerprintText("ab01ff"), "AB:01:FF");
});
