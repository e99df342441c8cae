import * as z from "zod/mini";
import { done, name, nodeId, request, time, whole } from "./define.ts";

export const metricNames = [
  "cpu_usage",
  "memory_usage",
  "disk_usage",
  "load_average",
  "memory_total",
  "memory_available",
  "disk_total",
  "disk_available",
  "network_rx",
  "network_tx",
  "uptime",
] as const;
export type MetricName = (typeof metricNames)[number];

const metricValues = z.partialRecord(z.enum(metricNames), z.number());

/** The newest numbers of a node with their age: `time` is when the node measured them. */
const sample = z.object({ time, values: metricValues });

const node = z.object({
  nodeId: z.string(),
  /** What the operator calls it, or null. */
  name: z.nullable(z.string()),
  hostname: z.string(),
  ipAddress: z.string(),
  osInfo: z.nullable(z.string()),
  group: z.string(),
  tags: z.array(z.string()),
  capabilities: z.array(z.string()),
  hasKey: z.boolean(),
  status: z.enum(["online", "offline"]),
  createdAt: time,
  lastSeenAt: z.nullable(time),
  sample: z.nullable(sample),
});
export type Node = z.infer<typeof node>;
export type NodeSample = z.infer<typeof sample>;

const series = z.object({
  min: z.array(z.nullable(z.number())),
  avg: z.array(z.nullable(z.number())),
  max: z.array(z.nullable(z.number())),
});

const history = z.object({
  /** The finest step of what was read, in milliseconds; 0 for raw samples. */
  resolution: z.number(),
  /** The width of a point in milliseconds. */
  step: z.number(),
  /** Where each point starts; only points that have a value. */
  times: z.array(time),
  series: z.partialRecord(z.enum(metricNames), series),
});
export type History = z.infer<typeof history>;

const tag = name(64);
/** What a date can be: a span between any two has a length. */
const moment = time.check(z.gte(-8.64e15), z.lte(8.64e15));

export const nodeRequests = {
  /** All nodes that the user may see, by id, in pages. */
  "node-list": request(
    z.object({ after: z.optional(nodeId), limit: z.prefault(whole(1, 500), 200) }),
    z.object({ nodes: z.array(node), next: z.nullable(z.string()) }),
  ),
  "node-get": request(z.object({ nodeId }), z.object({ node, facts: z.nullable(z.record(z.string(), z.unknown())) })),
  /** A null name takes the operator's name away. */
  "node-rename": request(z.object({ nodeId, name: z.nullable(name(128)) }), z.object({ node })),
  "node-tag": request(z.object({ nodeId, tags: z.array(tag).check(z.maxLength(32)) }), z.object({ node })),
  "node-move": request(z.object({ nodeId, group: name(64) }), z.object({ node })),
  /** Forgets the node, its key and its history. */
  "node-remove": request(z.object({ nodeId }), done),
  history: request(
    z.object({
      nodeId,
      metrics: z.array(z.enum(metricNames)).check(z.minLength(1), z.maxLength(metricNames.length)),
      from: moment,
      to: moment,
      points: z.prefault(whole(1, 2000), 600),
    }),
    history,
  ),
};

export const nodePushes = {
  "node-changed": z.object({ node }),
  "node-removed": z.object({ nodeId: z.string() }),
  "node-metrics": z.object({ nodeId: z.string(), sample }),
};
