import type { MetricName } from "../../../src-main/protocols/machines/messages/nodes.ts";
import type { Formats } from "../../i18n/formats.ts";

type Measure = "percent" | "plain" | "bytes" | "rate" | "time";

const measures: Readonly<Record<MetricName, Measure>> = {
  cpu_usage: "percent",
  memory_usage: "percent",
  disk_usage: "percent",
  load_average: "plain",
  memory_total: "bytes",
  memory_available: "bytes",
  disk_total: "bytes",
  disk_available: "bytes",
  network_rx: "rate",
  network_tx: "rate",
  uptime: "time",
};

/** What a person writes a limit in, and how much of the wire's unit one of it is. */
const writtenUnits: Readonly<Record<Measure, { readonly sign: string; readonly size: number }>> = {
  percent: { sign: "%", size: 1 },
  plain: { sign: "", size: 1 },
  bytes: { sign: "GiB", size: 2 ** 30 },
  rate: { sign: "MiB/s", size: 2 ** 20 },
  time: { sign: "h", size: 3_600 },
};

/** The unit that a limit of this number is written in; its sign is empty where there is none. */
export function writtenUnit(metric: MetricName): { readonly sign: string; readonly size: number } {
  return writtenUnits[measures[metric]];
}

/** A value of a metric, as the wire has it, with its unit. */
export function metricText(metric: MetricName, value: number, format: Formats): string {
  switch (measures[metric]) {
    case "percent":
      return format.percent(value, Number.isInteger(value) ? 0 : 1);
    case "plain":
      return format.number(value, 2);
    case "bytes":
      return format.bytes(value);
    case "rate":
      return format.byteRate(value);
    case "time":
      return format.duration(value * 1000);
  }
}
