import type { Alert } from "../../core/alerts/alert.ts";
import type { LogEntry } from "../../core/logs/logEntry.ts";
import { type MetricName, metricNames, type Sample } from "../../core/metrics/metricColumns.ts";
import type { ReportDetails } from "./readReport.ts";

type View = Readonly<Record<string, unknown>>;

/**
 * A sample as dashboards see it. The lists are those of the server's own report; of a server that reports in another
 * protocol, what its columns say.
 */
export function viewSample(serverId: string, sample: Sample, details: ReportDetails | undefined): View {
  const read = (name: MetricName): number | undefined => {
    const value = sample.values[metricNames.indexOf(name)];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    server_id: serverId,
    cpu_percent: read("cpu_usage"),
    memory_percent: read("memory_usage"),
    disk_usage: details?.disk_usage ?? diskUsage(read),
    network: details?.network ?? network(read),
    timestamp: new Date(sample.time).toISOString(),
    load_average: read("load_average"),
    memory_total: read("memory_total"),
    memory_available: read("memory_available"),
    uptime: read("uptime"),
  };
}

/** Levels in capitals, as the protocol's examples have them. */
export function viewLogEntry({ level, message, time, source }: LogEntry): View {
  return { level: level.toUpperCase(), message, timestamp: new Date(time).toISOString(), source };
}

export function viewAlert(alert: Alert): View {
  const { id, rule, severity, state, nodeId, value, threshold, message } = alert;
  const time = alert.resolvedAt ?? alert.acknowledgedAt ?? alert.startedAt;
  const timestamp = new Date(time).toISOString();
  const numbers = { value: value ?? null, threshold: threshold ?? null };
  return { id, rule, severity, state, server_id: nodeId, ...numbers, message, timestamp };
}

function diskUsage(read: (name: MetricName) => number | undefined): readonly View[] {
  const percent = read("disk_usage");
  const total = read("disk_total");
  const available = read("disk_available");
  if (percent === undefined && total === undefined) return [];
  const used = total === undefined || available === undefined ? undefined : total - available;
  return [{ mount: "/", total, used, percent }];
}

function network(read: (name: MetricName) => number | undefined): readonly View[] {
  const received = read("network_rx");
  const sent = read("network_tx");
  if (received === undefined && sent === undefined) return [];
  return [{ interface: "all", rx_rate: received, tx_rate: sent }];
}
