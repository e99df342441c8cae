import * as z from "zod/mini";
import { done, nodeId, request, text, whole } from "./define.ts";
import { roles } from "./identity.ts";

export const topics = [
  "vm-status",
  "vm-status-all",
  "system-monitor",
  "nodes",
  "node-metrics",
  "commands",
  "containers",
  "rooms",
  "alerts",
  "events",
] as const;
export type Topic = (typeof topics)[number];

/** The reporting interval in milliseconds, as the seed has it: what lies outside is brought inside. */
const interval = z.pipe(
  z.number().check(z.gt(0)),
  z.transform((value: number) => Math.min(60_000, Math.max(1_000, Math.round(value)))),
);

const subscription = z.object({
  topic: text(64),
  vmId: z.optional(text(128)),
  nodeId: z.optional(nodeId),
  interval: z.optional(interval),
});

export const connectionRequests = {
  auth: request(z.object({ token: text(8192) }), done),
  /** Says that the console speaks the extension; only then are channels and the topics of ours open to it. */
  hello: request(
    z.object({ version: z.number(), capabilities: z.prefault(z.array(text(64)).check(z.maxLength(64)), []) }),
    z.object({
      version: z.number(),
      capabilities: z.array(z.string()),
      coreVersion: z.string(),
      /** The node that this core's own machine is, when an agent runs in it. */
      localNodeId: z.nullable(z.string()),
      user: z.object({
        username: z.string(),
        role: z.enum(roles),
        groups: z.nullable(z.array(z.string())),
      }),
      /** Why samples are refused at the moment; null when they are stored. */
      storageFailure: z.nullable(z.string()),
    }),
  ),
  /** Answered at once: how a browser, which sees no ping frames, finds out that the link is dead. */
  ping: request(z.object({}), done),
  subscribe: request(subscription, done),
  unsubscribe: request(subscription, done),
};

const rate = z.object({ rx: z.number(), tx: z.number() });

export const connectionPushes = {
  "system-monitor": z.object({
    nodeId: z.optional(z.string()),
    cpu: z.object({ usage: z.number(), cores: z.array(z.number()) }),
    /** KiB and percent. */
    memory: z.object({ total: z.number(), used: z.number(), usage: z.number() }),
    /** Bytes per second. */
    disk: z.object({ read: z.number(), write: z.number() }),
    network: rate,
  }),
  "system-event": z.object({
    event: z.string(),
    vmId: z.nullable(z.string()),
    userId: z.nullable(z.string()),
    message: z.string(),
    level: z.enum(["info", "warning", "error"]),
  }),
};

export const terminalSize = { cols: whole(1, 500), rows: whole(1, 300) };
