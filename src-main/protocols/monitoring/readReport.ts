import * as z from "zod/mini";
import { type MetricName, type MetricValues, metricNames, noValues } from "../../core/metrics/metricColumns.ts";
import { shallowRecord } from "../shallowRecord.ts";
import type { AgentMessage } from "./messages.ts";
import type { NetworkRates } from "./networkRates.ts";

type Item = Readonly<Record<string, unknown>>;

/** The parts of a report that no column holds, as they came. */
export interface ReportDetails {
  readonly disk_usage: readonly Item[];
  readonly network: readonly Item[];
}

export interface Report extends ReportDetails {
  readonly values: MetricValues;
  /** When it was measured, as the agent has it; empty when it does not say. */
  readonly stamp: string;
}

const maxItems = 64;
const maxItemsText = 16 * 1024;

/**
 * What a `metrics` message says, in the columns of the history. A number that cannot be is left out, and so is a list or
 * an item of another shape; the rest of the message counts.
 */
export function readReport(message: AgentMessage<"metrics">, rates: NetworkRates): Report {
  const disks = itemsOf(message.disk_usage);
  const network = itemsOf(message.network);
  const values = noValues();
  set(values, "cpu_usage", percent(message.cpu_percent));
  set(values, "memory_usage", percent(message.memory_percent));
  const root = disks.find((item) => isRoot(mountOf(item))) ?? disks[0];
  if (root !== undefined) {
    const total = amount(root["total"]);
    const used = amount(root["used"]);
    const known = total !== undefined && used !== undefined && total > 0 && used <= total;
    set(values, "disk_usage", percent(root["percent"]) ?? (known ? (used / total) * 100 : undefined));
    set(values, "disk_total", total);
    set(values, "disk_available", known ? (amount(root["free"]) ?? total - used) : undefined);
  }
  const stamp = typeof message.timestamp === "string" ? message.timestamp : "";
  const { received, sent } = rates.next(network, Date.parse(stamp));
  set(values, "network_rx", received);
  set(values, "network_tx", sent);
  return { values, stamp, disk_usage: disks, network };
}

/** The objects of a list, as far as they are few and flat enough to be passed on. */
function itemsOf(list: unknown): readonly Item[] {
  if (!Array.isArray(list)) return [];
  const items = list.slice(0, maxItems).filter((item): item is Item => z.safeParse(shallowRecord, item).success);
  return JSON.stringify(items).length <= maxItemsText ? items : [];
}

/** Others call it by the names that their libraries use. */
function mountOf(item: Item): unknown {
  return item["mount"] ?? item["mountpoint"] ?? item["mount_point"] ?? item["path"];
}

function isRoot(mount: unknown): boolean {
  return typeof mount === "string" && (mount === "/" || /^C:/i.test(mount));
}

function set(values: MetricValues, name: MetricName, value: number | undefined): void {
  if (value !== undefined) values[metricNames.indexOf(name)] = value;
}

/** A rounding error above 100 is 100. */
function percent(value: unknown): number | undefined {
  const number = amount(value);
  return number === undefined || number > 100.5 ? undefined : Math.min(number, 100);
}

function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
