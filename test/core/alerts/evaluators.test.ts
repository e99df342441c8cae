import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuietHours } from "../../../src-main/core/alerts/alertRule.ts";
import { daysUntilFull } from "../../../src-main/core/alerts/diskForecast.ts";
import { advance, type Episode, quietEpisode, type Verdict } from "../../../src-main/core/alerts/episode.ts";
import { isQuiet, isTimeZone } from "../../../src-main/core/alerts/quietHours.ts";
import { advanceRate, type RateWindow } from "../../../src-main/core/alerts/rate.ts";
import { judgeSample, type SamplePace } from "../../../src-main/core/alerts/sampleLiveness.ts";
import { textPattern } from "../../../src-main/core/alerts/textPattern.ts";
import { judgeThreshold } from "../../../src-main/core/alerts/threshold.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test("an episode, look by look", () => {
  const times = { for: 120, hold: 60, gap: 100 };
  const rows: readonly (readonly [string, readonly (readonly [number, Verdict])[], Episode["phase"]])[] = [
    ["bad is pending first", [[0, "bad"]], "pending"],
    [
      "good ends pending",
      [
        [0, "bad"],
        [60, "good"],
        [120, "bad"],
      ],
      "pending",
    ],
    [
      "mixed ends pending",
      [
        [0, "bad"],
        [60, "mixed"],
        [90, "bad"],
        [180, "bad"],
      ],
      "pending",
    ],
    [
      "its time makes it fire",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
      ],
      "firing",
    ],
    [
      "a gap starts it anew",
      [
        [0, "bad"],
        [60, "bad"],
        [161, "bad"],
      ],
      "pending",
    ],
    [
      "good is recovering first",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
        [150, "good"],
      ],
      "recovering",
    ],
    [
      "mixed does not recover",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
        [150, "good"],
        [180, "mixed"],
      ],
      "firing",
    ],
    [
      "its time makes it good",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
        [150, "good"],
        [210, "good"],
      ],
      "good",
    ],
    [
      "a gap is no recovery",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
        [150, "good"],
        [260, "good"],
      ],
      "recovering",
    ],
    [
      "an older look is none",
      [
        [0, "bad"],
        [60, "bad"],
        [120, "bad"],
        [110, "good"],
        [50, "good"],
      ],
      "firing",
    ],
  ];
  for (const [what, looks, phase] of rows) {
    let episode: Episode = { ...quietEpisode, seenAt: -10 };
    for (const [time, verdict] of looks) episode = advance(episode, { time, verdict }, times);
    assert.equal(episode.phase, phase, what);
  }
  const back = [0, 30, 60].reduce(
    (episode, time) => advance(episode, { time: day + time, verdict: "bad" }, times),
    quietEpisode,
  );
  assert.equal(back.phase, "pending");
  const setBack = advance(back, { time: 0, verdict: "bad" }, times);
  assert.deepEqual([setBack.phase, setBack.since], ["pending", 0], "a clock that was set back starts it anew");
});

test("a threshold on a value and on a stretch of time", () => {
  const above = { kind: "threshold", metric: "cpu_usage", comparison: "above", value: 90 } as const;
  const below = { ...above, comparison: "below", value: 10 } as const;
  assert.deepEqual(
    [90, 90.1].map((value) => judgeThreshold(above, value)),
    ["good", "bad"],
  );
  assert.deepEqual(
    [10, 9.9].map((value) => judgeThreshold(below, value)),
    ["good", "bad"],
  );
  assert.equal(judgeThreshold(above, 80, 95), "mixed");
  assert.equal(judgeThreshold(above, 91, 95), "bad");
  assert.equal(judgeThreshold(below, 5, 15), "mixed");
  assert.equal(judgeThreshold(below, 5, 9), "bad");
});

test("a rate looks at its window only, both ways, in bounded memory", () => {
  const rising = { kind: "rate", metric: "cpu_usage", per: 10 * minute, change: 30 } as const;
  const changesOf = (condition: { readonly change: number }, values: readonly number[]): boolean[] => {
    let window: RateWindow = [];
    return values.map((value, index) => {
      const rate = advanceRate(window, { time: index * 5 * minute, value }, { ...rising, ...condition });
      window = rate.window;
      return rate.bad;
    });
  };
  assert.deepEqual(changesOf({ change: 30 }, [10, 20, 30, 39]), [false, false, false, false]);
  assert.deepEqual(changesOf({ change: 30 }, [10, 20, 40, 51]), [false, false, true, true]);
  assert.deepEqual(changesOf({ change: -30 }, [90, 80, 60, 61]), [false, false, true, false]);
  assert.deepEqual(changesOf({ change: 30 }, [90, 60, 30, 0]), [false, false, false, false]);
  let window: RateWindow = [];
  for (let time = 0; time < hour; time += 1_000) window = advanceRate(window, { time, value: time }, rising).window;
  assert.ok(window.length <= 62, `${window.length} points`);
  assert.ok((window[0]?.time ?? 0) >= hour - 11 * minute);
  const early = advanceRate(window, { time: 0, value: 5 }, rising);
  assert.deepEqual([early.window.length, early.bad], [1, false], "a clock that was set back");
});

test("a forecast is a straight line through the last week", () => {
  const now = 1_000 * day;
  const line = (start: number, perDay: number, hours = 168) => {
    const times = Array.from({ length: hours }, (_, index) => now - (hours - index) * hour);
    return { times, values: times.map((time) => start + ((time - now) / day) * perDay) };
  };
  const inDays = (usage: ReturnType<typeof line>): number => daysUntilFull(usage, now) ?? Number.NaN;
  assert.ok(Math.abs(inDays(line(90, 5)) - 2) < 0.05, `${inDays(line(90, 5))}`);
  assert.ok(Math.abs(inDays(line(50, 1)) - 50) < 0.5);
  assert.equal(inDays(line(90, 0)), Number.POSITIVE_INFINITY);
  assert.equal(inDays(line(90, -5)), Number.POSITIVE_INFINITY);
  assert.equal(daysUntilFull(line(90, 5, 11), now), undefined, "too little is known");
  assert.equal(daysUntilFull(line(90, 5), now + 4 * hour), undefined, "the newest is too old");
  const { times, values } = line(90, 5);
  const gaps = { times, values: values.map((value, index) => (index % 3 === 0 ? null : value)) };
  assert.ok(Math.abs((daysUntilFull(gaps, now) ?? 0) - 2) < 0.1);
});

test("a pattern is plain text with stars", () => {
  const rows: readonly (readonly [string, boolean, string, boolean])[] = [
    ["error", false, "An ERROR here", true],
    ["disk*full", false, "the disk sda is full.", true],
    ["disk*full", false, "full disk", false],
    ["*", false, "", true],
    ["a.c", false, "abc", false],
    ["web", true, "web", true],
    ["web", true, "web-1", false],
    ["web-*", true, "web-1", true],
    ["web-*-blue", true, "web-1-blue", true],
    ["web-*-blue", true, "web-blue", false],
    ["*", true, "anything", true],
    ["ab*ba", true, "aba", false],
  ];
  for (const [pattern, whole, text, fits] of rows) {
    assert.equal(textPattern(pattern, { whole })(text), fits, `${pattern} on ${text}`);
  }
  const hostile = textPattern(`${"a*".repeat(100)}b`, { whole: false });
  assert.equal(hostile("a".repeat(100_000)), false);
});

test("quiet hours by the wall clock: over midnight, at the change of the clocks, by offset", () => {
  const at = (time: string): number => Date.parse(time);
  const night = { days: [5], from: "22:00", to: "07:00", timeZone: "Europe/Berlin" };
  const rows: readonly (readonly [QuietHours, string, boolean])[] = [
    // Friday 2026-03-27 to Saturday, an hour ahead of UTC.
    [night, "2026-03-27T20:59:00Z", false],
    [night, "2026-03-27T21:00:00Z", true],
    [night, "2026-03-28T05:59:00Z", true],
    [night, "2026-03-28T06:00:00Z", false],
    [night, "2026-03-28T21:30:00Z", false],
    // The night to Sunday 2026-03-29 is an hour short: seven is five in UTC.
    [{ ...night, days: [6] }, "2026-03-29T04:59:00Z", true],
    [{ ...night, days: [6] }, "2026-03-29T05:00:00Z", false],
    // The night to Sunday 2026-10-25 is an hour long.
    [{ ...night, days: [6] }, "2026-10-24T19:59:00Z", false],
    [{ ...night, days: [6] }, "2026-10-24T20:00:00Z", true],
    [{ ...night, days: [6] }, "2026-10-25T05:59:00Z", true],
    [{ ...night, days: [6] }, "2026-10-25T06:00:00Z", false],
    [{ days: [1], from: "09:00", to: "17:00", timeZone: "+08:00" }, "2026-03-30T01:00:00Z", true],
    [{ days: [1], from: "09:00", to: "17:00", timeZone: "+08:00" }, "2026-03-30T09:00:00Z", false],
    // The same time twice is a whole day.
    [{ days: [0], from: "00:00", to: "00:00", timeZone: "UTC" }, "2026-03-29T23:59:00Z", true],
    [{ days: [0], from: "00:00", to: "00:00", timeZone: "UTC" }, "2026-03-30T00:00:00Z", false],
  ];
  for (const [quiet, time, expected] of rows) {
    assert.equal(isQuiet(quiet, at(time)), expected, `${time} in ${quiet.timeZone} ${quiet.days}`);
  }
  assert.deepEqual(["Asia/Shanghai", "-05:30", "Mars/Olympus", ""].map(isTimeZone), [true, true, false, false]);
});

test("which samples tell of now", () => {
  const wall = 1_000 * day;
  const judge = (samples: readonly { readonly time: number; readonly now: number }[], clock = wall): boolean[] => {
    let pace: SamplePace | undefined;
    return samples.map(({ time, now }) => {
      const judged = judgeSample(pace, { time, wall: clock + now, now });
      pace = judged.pace;
      return judged.live;
    });
  };
  const steady = (offset: number) =>
    Array.from({ length: 9 }, (_, index) => ({ time: wall + offset + index * 5_000, now: index * 5_000 }));
  assert.ok(judge(steady(0)).every((live) => live));
  assert.deepEqual(judge(steady(-3 * hour)), [false, false, false, false, false, false, true, true, true]);
  const replay = Array.from({ length: 50 }, (_, index) => ({ time: wall - hour + index * 5_000, now: index * 3 }));
  assert.ok(judge(replay).every((live) => !live));
  const jittery = steady(0).map(({ time, now }, index) => ({ time, now: now + (index % 2) * 4_000 }));
  assert.ok(judge(jittery).every((live) => live));
});
