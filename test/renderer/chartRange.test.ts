import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boundsOf,
  checkRange,
  firstRange,
  presets,
  rangeLimits,
  zoomTo,
} from "../../src-renderer/views/node/overview/chartRange.ts";

const minute = 60_000;
const now = Date.parse("2026-03-01T12:00:00Z");

test("a node that has just come is shown with ten minutes, any other with an hour", () => {
  assert.deepEqual(firstRange(0), { kind: "last", span: presets.tenMinutes });
  assert.deepEqual(firstRange(29 * minute), { kind: "last", span: presets.tenMinutes });
  assert.deepEqual(firstRange(30 * minute), { kind: "last", span: presets.hour });
  assert.deepEqual(firstRange(400 * 86_400_000), { kind: "last", span: presets.hour });
});

test("a moving range ends at the next pixel after now and moves by whole pixels", () => {
  const range = { kind: "last", span: presets.hour } as const;
  const pixel = presets.hour / 600;
  const bounds = boundsOf(range, now + 1, 600);
  assert.deepEqual(bounds, { from: now + pixel - presets.hour, to: now + pixel });
  assert.deepEqual(boundsOf(range, now + pixel, 600), bounds);
  assert.notDeepEqual(boundsOf(range, now + pixel + 1, 600), bounds);
});

test("a range that stands still is what it is", () => {
  const range = { kind: "fixed", from: 1, to: 2 } as const;
  assert.deepEqual(boundsOf(range, now, 600), range);
});

test("a zoom takes what was selected, at least ten minutes around its middle, and never the future", () => {
  const from = now - 5 * presets.hour;
  assert.deepEqual(zoomTo({ from, to: from + presets.hour }, now), { kind: "fixed", from, to: from + presets.hour });
  const narrow = zoomTo({ from, to: from + minute }, now);
  assert.deepEqual(narrow, { kind: "fixed", from: from - 4.5 * minute, to: from + 5.5 * minute });
  assert.deepEqual(zoomTo({ from: now - minute, to: now }, now), { kind: "fixed", from: now - 10 * minute, to: now });
});

test("a range that somebody typed is checked", () => {
  assert.equal(checkRange({ from: now, to: now }), "order");
  assert.equal(checkRange({ from: now, to: Number.NaN }), "order");
  assert.equal(checkRange({ from: now - rangeLimits.shortest + 1, to: now }), "limits");
  assert.equal(checkRange({ from: now - rangeLimits.longest - 1, to: now }), "limits");
  assert.equal(checkRange({ from: now - rangeLimits.shortest, to: now }), undefined);
  assert.equal(checkRange({ from: now - rangeLimits.longest, to: now }), undefined);
});
