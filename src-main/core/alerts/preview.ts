import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import type { MetricName } from "../metrics/metricColumns.ts";
import type { History } from "../metrics/metricHistory.ts";
import type { MetricStore } from "../metrics/metricStore.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import { type AlertRuleDraft, watches } from "./alertRule.ts";
import { forecastHour, forecastWindow } from "./diskForecast.ts";
import { checkRule } from "./ruleBook.ts";
import { type AlertInterval, simulateEvents, simulateForecast, simulateSamples, simulateSilence } from "./simulate.ts";

export interface PreviewRequest {
  readonly rule: AlertRuleDraft;
  /** Those that the asker may see. */
  readonly nodes: readonly NodeRecord[];
  readonly signal?: AbortSignal;
}

export interface Preview {
  /** False for what leaves no history to look at. */
  readonly supported: boolean;
  readonly from: number;
  readonly to: number;
  /** How fine the history is that was looked at, in milliseconds. */
  readonly resolution: number;
  readonly count: number;
  /** Those with an alert, the worst first. */
  readonly nodes: readonly { readonly nodeId: string; readonly intervals: readonly AlertInterval[] }[];
  readonly nodesEvaluated: number;
  readonly nodesInScope: number;
}

export interface PreviewSources {
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: MetricStore;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** From here on sample by sample, unless it is the end. The time before has whole minutes. */
  readonly samplesFrom: number;
}

const minute = 60_000;
const quarter = 15 * minute;
/** A month, less the hour that may just be pruned. */
const span = 30 * 24 * forecastHour - forecastHour;
/** Somebody waits for it. */
const timeAllowed = 1_200;
/** So many nodes are looked at sample by sample, as far as samples are kept; so many by minutes, more by quarters. */
const nodesBySample = 4;
const nodesByMinute = 8;
/** Samples are kept for two days; the last hour of them may just be pruned. */
const sampleSpan = 47 * forecastHour;
const pieceSpan = 4 * 24 * forecastHour;
const present: readonly MetricName[] = ["cpu_usage", "memory_usage", "uptime"];

/**
 * Where a rule would have fired in the last month, from what is stored. Writes nothing.
 *
 * @throws {PicketError} `CANCELLED`, `INVALID_PARAMS`, `DATABASE_ERROR`
 */
export async function previewRule(sources: PreviewSources, request: PreviewRequest): Promise<Preview> {
  const { rule, signal } = request;
  checkRule(rule);
  const { clock } = sources;
  const until = clock.monotonicTime() + timeAllowed;
  const nodes = request.nodes.filter((node) => watches(rule, node));
  const now = clock.wallTime();
  const lastMinute = Math.floor(now / minute) * minute;
  const bySample = nodes.length <= nodesBySample;
  const range: Span = {
    from: lastMinute - span,
    to: bySample ? now : lastMinute,
    step: nodes.length <= nodesByMinute ? minute : quarter,
    samplesFrom: lastMinute - (bySample ? sampleSpan : 0),
  };
  const supported = rule.condition.kind !== "log-pattern" && rule.condition.kind !== "container-died";
  const found: { nodeId: string; intervals: readonly AlertInterval[] }[] = [];
  let nodesEvaluated = 0;
  for (const node of supported ? nodes : []) {
    if (signal?.aborted === true) throw new PicketError("CANCELLED");
    if (clock.monotonicTime() > until) break;
    const intervals = await intervalsOf(sources, { rule, node, range, signal });
    nodesEvaluated += 1;
    if (intervals.length > 0) found.push({ nodeId: node.nodeId, intervals });
  }
  if (signal?.aborted === true) throw new PicketError("CANCELLED");
  return {
    supported,
    from: range.from,
    to: range.to,
    resolution: resolutionOf(rule, range),
    count: found.reduce((sum, { intervals }) => sum + intervals.length, 0),
    nodes: found.sort((a, b) => b.intervals.length - a.intervals.length),
    nodesEvaluated,
    nodesInScope: nodes.length,
  };
}

/** Of what is looked at coarsest. */
function resolutionOf({ condition }: AlertRuleDraft, { step }: Span): number {
  if (condition.kind === "command-failed") return 0;
  return condition.kind === "disk-forecast" ? forecastHour : step;
}

interface NodePreview {
  readonly rule: AlertRuleDraft;
  readonly node: NodeRecord;
  readonly range: Span;
  readonly signal: AbortSignal | undefined;
}

async function intervalsOf(sources: PreviewSources, about: NodePreview): Promise<readonly AlertInterval[]> {
  const { rule, node, range } = about;
  const { condition } = rule;
  switch (condition.kind) {
    case "threshold":
    case "rate":
      return simulateSamples(rule, condition, await readHistories(sources, about, [condition.metric]));
    case "disk-forecast": {
      const from = Math.ceil(range.from / forecastHour) * forecastHour;
      const reach = { from: from - forecastWindow, to: Math.floor(range.to / forecastHour) * forecastHour };
      const points = (reach.to - reach.from) / forecastHour;
      const history = await sources.metrics.history(node.key, { metrics: ["disk_usage"], ...reach, points });
      return simulateForecast(rule, condition, { ...history, from });
    }
    case "missing-data":
    case "node-offline":
      return simulateSilence(rule, await readHistories(sources, about, present), range.to);
    case "command-failed":
      return simulateEvents(rule, await failuresOf(sources.database, node, range), range.to);
    case "log-pattern":
    case "container-died":
      return [];
  }
}

/** A month in pieces: reading and unpacking it at once would hold up everything else. */
async function readHistories(
  { metrics }: PreviewSources,
  { node, range, signal }: NodePreview,
  names: readonly MetricName[],
): Promise<History[]> {
  const histories: History[] = [];
  let from = range.from;
  while (from < range.to) {
    if (signal?.aborted === true) throw new PicketError("CANCELLED");
    const bySample = from >= range.samplesFrom;
    const to = Math.min(from + pieceSpan, bySample ? range.to : range.samplesFrom);
    const points = Math.ceil((to - from) / (bySample ? 1_000 : range.step));
    // Where samples are gone already, coarser history comes in their place.
    histories.push(await metrics.history(node.key, { metrics: names, from, to, points }));
    from = to;
  }
  return histories;
}

async function failuresOf(database: Database, node: NodeRecord, { from }: Span): Promise<readonly number[]> {
  const rows = await database.kysely
    .selectFrom("commands")
    .select("finished_at")
    .where("node_key", "=", node.key)
    .where("status", "in", ["failed", "timed_out", "lost"])
    .where("finished_at", ">=", from)
    .orderBy("finished_at")
    .execute();
  return rows.flatMap(({ finished_at: time }) => (time === null ? [] : [time]));
}
