import type { History, HistorySeries } from "../metrics/metricHistory.ts";
import type { AlertCondition, AlertRuleDraft } from "./alertRule.ts";
import { daysUntilFull, forecastHour } from "./diskForecast.ts";
import { advance, type Episode, holdOf, isAlerting, quietEpisode, type Verdict } from "./episode.ts";
import { advanceRate, type RateWindow } from "./rate.ts";
import { sampleGap } from "./sampleWatch.ts";
import { judgeThreshold } from "./threshold.ts";

/** When there would have been an alert. Milliseconds since 1970; without an end it would still be open. */
export interface AlertInterval {
  readonly from: number;
  readonly to: number | undefined;
}

/** The stored history of one node, of one or several metrics. */
export type SimulatedHistory = Pick<History, "times" | "series" | "step">;

type Of<K extends AlertCondition["kind"]> = Extract<AlertCondition, { kind: K }>;

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly verdict: Verdict;
}

/**
 * Where a threshold or a rate would have fired.
 *
 * @param histories one after another in time. A point says what held in all of its time; one of raw samples is a sample
 */
export function simulateSamples(
  rule: AlertRuleDraft,
  condition: Of<"threshold"> | Of<"rate">,
  histories: readonly (SimulatedHistory & { readonly resolution: number })[],
): AlertInterval[] {
  const rateJudge = condition.kind === "rate" ? judgeRate(condition) : undefined;
  const stretches = histories.flatMap(({ times, series, step, resolution }): Stretch[] => {
    const values = series[condition.metric];
    if (values === undefined) return [];
    return times.flatMap((from, index) => {
      const verdict =
        condition.kind === "threshold"
          ? judgeStretch(condition, resolution > finest ? allOf(values.avg) : values, index)
          : rateJudge?.(from, values.avg[index] ?? undefined);
      return verdict === undefined ? [] : [{ from, to: resolution === 0 ? from : from + step - 1, verdict }];
    });
  });
  return simulate(stretches, { for: rule.for, hold: holdOf(rule.for), gap: sampleGap });
}

/** Where a disk would have been announced to be full. The history is by hours. */
export function simulateForecast(
  rule: AlertRuleDraft,
  condition: Of<"disk-forecast">,
  history: SimulatedHistory & { readonly from: number },
): AlertInterval[] {
  const { times, series } = history;
  const values = series.disk_usage?.avg ?? [];
  const stretches: Stretch[] = [];
  for (let now = history.from; now <= (times.at(-1) ?? 0) + forecastHour; now += forecastHour) {
    const days = daysUntilFull({ times, values }, now);
    if (days !== undefined) stretches.push({ from: now, to: now, verdict: days <= condition.within ? "bad" : "good" });
  }
  return simulate(stretches, { for: rule.for, hold: holdOf(rule.for), gap: 4 * forecastHour });
}

/** Where nothing came for as long as the rule says. The histories are one after another in time. */
export function simulateSilence(
  rule: AlertRuleDraft,
  histories: readonly SimulatedHistory[],
  now: number,
): AlertInterval[] {
  const hold = holdOf(rule.for);
  const spans = histories.flatMap(({ times, step }) => times.map((time) => ({ time, step })));
  const intervals: { from: number; to: number }[] = [];
  spans.forEach(({ time, step }, index) => {
    const next = spans[index + 1]?.time ?? now;
    const last = time + step;
    if (next - last < Math.max(rule.for, step)) return;
    const open = intervals.at(-1);
    // It was back for too short a time to be over.
    if (open !== undefined && last < open.to) open.to = next + hold;
    else intervals.push({ from: last + rule.for, to: next + hold });
  });
  return intervals.map(({ from, to }) => ({ from, to: to > now ? undefined : to }));
}

/** What happened at moments: each is over when it has not happened again for a while. */
export function simulateEvents(rule: AlertRuleDraft, times: readonly number[], now: number): AlertInterval[] {
  const hold = holdOf(rule.for);
  const intervals: { from: number; to: number }[] = [];
  for (const time of times) {
    const open = intervals.at(-1);
    if (open !== undefined && time < open.to) open.to = time + hold;
    else intervals.push({ from: time, to: time + hold });
  }
  return intervals.map(({ from, to }) => ({ from, to: to > now ? undefined : to }));
}

/** In a quarter of an hour hardly anything holds all the time: there the average has to do. */
const finest = 60_000;

function allOf(avg: HistorySeries["avg"]): Omit<HistorySeries, "avg"> {
  return { min: avg, max: avg };
}

function judgeStretch(
  condition: Of<"threshold">,
  { min, max }: Omit<HistorySeries, "avg">,
  index: number,
): Verdict | undefined {
  const [least, greatest] = [min[index], max[index]];
  if (typeof least !== "number" || typeof greatest !== "number") return undefined;
  return judgeThreshold(condition, least, greatest);
}

function judgeRate(condition: Of<"rate">) {
  let window: RateWindow = [];
  return (time: number, value: number | undefined): Verdict | undefined => {
    if (value === undefined) return undefined;
    const rate = advanceRate(window, { time, value }, condition);
    window = rate.window;
    return rate.bad ? "bad" : "good";
  };
}

function simulate(
  stretches: readonly Stretch[],
  times: { readonly for: number; readonly hold: number; readonly gap: number },
): AlertInterval[] {
  const intervals: { from: number; to: number | undefined }[] = [];
  let episode: Episode = quietEpisode;
  for (const { from, to, verdict } of stretches) {
    // Both ends: what holds in a stretch holds for as long as it is.
    for (const time of from === to ? [from] : [from, to]) {
      const before = episode;
      episode = advance(before, { time, verdict }, times);
      if (isAlerting(before) === isAlerting(episode)) continue;
      if (isAlerting(episode)) {
        intervals.push({ from: Math.max(from, episode.since + times.for), to: undefined });
      } else {
        const open = intervals.at(-1);
        if (open !== undefined) open.to = Math.max(from, episode.since + times.hold);
      }
    }
  }
  return intervals;
}
