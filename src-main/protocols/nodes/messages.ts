import * as z from "zod/mini";
import { parseJson } from "../../base/parseJson.ts";
import { fail, type Result, succeed } from "../../base/result.ts";
import { describeIssue } from "../describeIssue.ts";
import { shallowRecord as record } from "../shallowRecord.ts";
import { containerMessages } from "./messages/containers.ts";
import { requestMessage, responseMessage } from "./messages/methods.ts";
import { readMetrics } from "./metrics.ts";

/** The messages between a node and the core: docs/protocols/nodes.md. */
export interface Envelope<T extends string, D> {
  readonly type: T;
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly data: D;
}

const identifier = z.string().check(z.minLength(1), z.maxLength(128));
const nodeId = identifier.check(z.regex(/^[\w.:@-]+$/));
const text = (length: number) => z.string().check(z.maxLength(length));
const count = z.number().check(z.int(), z.gte(0));
const channel = z.number().check(z.int(), z.gte(1), z.lte(0xffffffff));
const windowSize = z.number().check(z.int(), z.gte(0), z.lte(0xffffffff));
const errorData = z.object({
  error_code: text(64),
  message: z.prefault(text(4096), ""),
  details: z.optional(z.unknown()),
});

/** The extension that both sides must announce before either uses it. */
const extension = z.object({
  version: z.number(),
  capabilities: z.array(text(64)).check(z.maxLength(64)),
  public_key: z.optional(text(128)),
});

/** From the least to the most serious. */
export const logLevels = ["debug", "info", "notice", "warning", "error", "critical"] as const;
export type LogLevel = (typeof logLevels)[number];
/** What one `log_batch` may carry; with its text it must fit a message. */
export const maxLogEntries = 500;

const logEntry = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  level: z.enum(logLevels),
  source: text(128).check(z.minLength(1)),
  message: text(64 * 1024),
});
/** A line of a log, as a node tells it. */
export type NodeLogEntry = z.infer<typeof logEntry>;

/** Messages of channels.md, the same in both directions. */
const channelMessages = {
  channel_open: z.object({ channel, kind: text(64), params: record, window: windowSize }),
  channel_opened: z.object({ channel, window: windowSize, result: z.prefault(record, {}) }),
  channel_rejected: z.object({ channel, error_code: text(64), message: z.prefault(text(4096), "") }),
  channel_result: z.object({ channel, result: record }),
};

const nodeToCore = {
  node_register: z.object({
    node_id: z.optional(nodeId),
    hostname: text(255).check(z.minLength(1)),
    ip_address: text(255),
    os_info: z.optional(z.nullable(text(512))),
    picket: z.optional(extension),
  }),
  heartbeat: z.object({
    node_id: nodeId,
    status: text(64),
    metrics: z.optional(z.pipe(z.unknown(), z.transform(readMetrics))),
  }),
  command_started: z.object({ command_id: identifier }),
  command_result: z.object({
    command_id: identifier,
    exit_code: z.number().check(z.int()),
    stdout: z.string(),
    stderr: z.string(),
    execution_time_ms: z.number().check(z.gte(0)),
  }),
  error: errorData,
  challenge_response: z.object({ signature: text(256) }),
  inventory: z.object({ facts: record }),
  log_batch: z.object({
    entries: z.array(logEntry).check(z.maxLength(maxLogEntries)),
    /** Lines since the batch before that the node's policy had no room for. */
    dropped: z.prefault(count, 0),
  }),
  node_response: responseMessage,
  ...containerMessages,
  ...channelMessages,
};

const coreToNode = {
  welcome: z.object({ message: text(4096), node_id: nodeId }),
  register_response: z.object({
    success: z.boolean(),
    message: text(4096),
    node_id: nodeId,
    action: z.optional(text(64)),
    picket: z.optional(
      z.extend(extension, {
        /** Seconds. */
        metrics_interval: z.number().check(z.gte(1), z.lte(3600)),
        heartbeat_interval: z.number().check(z.gte(1), z.lte(3600)),
      }),
    ),
  }),
  heartbeat_ack: z.object({ received: z.boolean(), node_id: z.optional(nodeId) }),
  execute_command: z.object({ command_id: identifier, command_text: z.string(), timeout: count }),
  command_received: z.object({ received: z.boolean(), node_id: z.optional(nodeId) }),
  error: errorData,
  challenge: z.object({ nonce: text(256) }),
  cancel_command: z.object({ command_id: identifier }),
  set_metrics_interval: z.object({ metrics_interval: z.number().check(z.gte(1), z.lte(3600)) }),
  inventory_received: z.object({ received: z.boolean() }),
  log_received: z.object({ received: z.boolean() }),
  node_request: requestMessage,
  terminal_resize: z.object({
    session: identifier,
    cols: z.number().check(z.int(), z.gte(1), z.lte(500)),
    rows: z.number().check(z.int(), z.gte(1), z.lte(300)),
  }),
  ...channelMessages,
};

type Messages<S> = {
  readonly [K in keyof S & string]: S[K] extends z.ZodMiniType<infer D> ? Envelope<K, D> : never;
}[keyof S & string];

export type NodeToCore = Messages<typeof nodeToCore>;
export type CoreToNode = Messages<typeof coreToNode>;
export type NodeMessageData<T extends NodeToCore["type"]> = Extract<NodeToCore, { type: T }>["data"];
export type CoreMessageData<T extends CoreToNode["type"]> = Extract<CoreToNode, { type: T }>["data"];

/** Why a message was not taken: what the protocol's own error message says. */
export interface MessageFault {
  readonly code: "PARSE_ERROR" | "INVALID_MESSAGE" | "UNKNOWN_MESSAGE_TYPE";
  /** The id of the faulty message, where it had one. */
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly details: string;
}

/** The types that the plain protocol has from a node: what the details of an unknown type list. */
export const supportedTypes = ["node_register", "heartbeat", "command_started", "command_result", "error"] as const;

/** The only way from a node's text to a message. */
export function parseNodeMessage(message: string): Result<NodeToCore, MessageFault> {
  return parseEnvelope(message, nodeToCore) as Result<NodeToCore, MessageFault>;
}

/** The only way from a core's text to a message. */
export function parseCoreMessage(message: string): Result<CoreToNode, MessageFault> {
  return parseEnvelope(message, coreToNode) as Result<CoreToNode, MessageFault>;
}

type Schemas = Readonly<Record<string, z.ZodMiniType>>;

function parseEnvelope(message: string, schemas: Schemas): Result<Envelope<string, unknown>, MessageFault> {
  const parsed = parseJson(message);
  if (!parsed.ok) {
    return fail({
      code: "PARSE_ERROR",
      id: undefined,
      type: undefined,
      details: `JSON: not valid at position ${parsed.error.position}`,
    });
  }
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail({ code: "INVALID_MESSAGE", id: undefined, type: undefined, details: "the message is not an object" });
  }
  const { type, id, timestamp, data } = value as Readonly<Record<string, unknown>>;
  const knownId = typeof id === "string" && id.length > 0 && id.length <= 128 ? id : undefined;
  const invalid = (details: string) =>
    fail<MessageFault>({
      code: "INVALID_MESSAGE",
      id: knownId,
      type: typeof type === "string" ? type : undefined,
      details,
    });
  if (typeof type !== "string") return invalid("type: a string is missing");
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) {
    return fail({
      code: "UNKNOWN_MESSAGE_TYPE",
      id: knownId,
      type,
      details: `supported: ${supportedTypes.join(", ")}`,
    });
  }
  if (knownId === undefined) return invalid("id: a string of 1 to 128 characters is missing");
  if (timestamp !== undefined && typeof timestamp !== "string") return invalid("timestamp: not a string");
  const checked = z.safeParse(schema, data);
  if (!checked.success) return invalid(describeIssue(checked.error, "data"));
  return succeed({ type, id: knownId, timestamp: timestamp ?? "", data: checked.data });
}

/** A message as text. `now` is an RFC 3339 time. */
export function encodeMessage<T extends string>(message: Envelope<T, unknown>): string {
  return JSON.stringify(message);
}
