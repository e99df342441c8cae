import * as z from "zod/mini";
import { parseJson } from "../../base/parseJson.ts";

/** The messages of the monitoring protocol: docs/protocols/monitoring.md. Flat objects with a `type`. */

const text = (longest: number) => z.string().check(z.maxLength(longest));
const identifier = z.string().check(z.minLength(1), z.maxLength(128));
/** What is looked at one by one: a strange part is left out, and its message is taken all the same. */
const anything = z.optional(z.unknown());

const agentToCore = {
  auth: z.object({ api_key: text(1024) }),
  metrics: z.object({
    server_id: z.optional(text(128)),
    cpu_percent: anything,
    memory_percent: anything,
    disk_usage: anything,
    network: anything,
    timestamp: anything,
  }),
  command_response: z.object({
    command_id: identifier,
    output: z.prefault(z.nullable(z.string()), ""),
    exit_code: z.nullable(z.number().check(z.int())),
    duration_ms: z.prefault(z.number().check(z.gte(0)), 0),
  }),
  docker_response: z.object({
    command_id: identifier,
    success: z.boolean(),
    message: z.prefault(z.nullable(z.string()), ""),
    data: anything,
  }),
  log: z.object({ entries: z.array(z.unknown()).check(z.maxLength(1_000)) }),
};

const coreToAgent = {
  auth_success: z.object({ server_id: identifier, message: z.prefault(text(4096), "") }),
  command: z.object({ command_id: identifier, command: z.string() }),
  docker_command: z.object({
    command_id: identifier,
    action: text(64),
    container_id: z.prefault(z.nullable(text(512)), ""),
    /** Ours, with `logs`: how many lines from the end. */
    tail: z.optional(z.number().check(z.int(), z.gte(1), z.lte(10_000))),
  }),
  error: z.object({ message: z.prefault(text(4096), "") }),
};

const dashboardToCore = { auth: z.object({ token: text(8192) }) };

type Messages<S> = {
  readonly [K in keyof S & string]: S[K] extends z.ZodMiniType<infer D> ? { readonly type: K } & D : never;
}[keyof S & string];

export type AgentToCore = Messages<typeof agentToCore>;
export type CoreToAgent = Messages<typeof coreToAgent>;
export type DashboardToCore = Messages<typeof dashboardToCore>;
export type AgentMessage<T extends AgentToCore["type"]> = Extract<AgentToCore, { type: T }>;
export type CoreMessage<T extends CoreToAgent["type"]> = Extract<CoreToAgent, { type: T }>;

/** What the core says to dashboards; nobody parses it here. */
export type CoreToDashboard =
  | { readonly type: "metrics" | "log" | "alert"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly type: "error"; readonly message: string };

/** One file system in `disk_usage`. Bytes; percent of what users can use. */
export interface DiskItem {
  readonly mount: string;
  readonly device: string;
  readonly total: number;
  readonly used: number;
  readonly percent: number;
}

/** One interface in `network`. Bytes since the machine's start, and bytes per second. */
export interface NetworkItem {
  readonly interface: string;
  readonly rx_bytes: number;
  readonly tx_bytes: number;
  readonly rx_rate: number;
  readonly tx_rate: number;
}

/** A `metrics` message as our agent writes it. */
export interface ReportMessage {
  readonly type: "metrics";
  readonly server_id: string;
  /** Left out where it is not known: at the very first reading. */
  readonly cpu_percent?: number | undefined;
  readonly memory_percent?: number | undefined;
  readonly disk_usage: readonly DiskItem[];
  readonly network: readonly NetworkItem[];
  /** RFC 3339. */
  readonly timestamp: string;
}

/** The sentences that the protocol fixes. */
export const sentences = {
  authenticationRequired: "Authentication required",
  invalidKey: "Invalid or inactive API key",
  invalidMessage: "Invalid message format",
  connected: "Connected successfully",
  tokenExpires: "Token expires soon",
  invalidToken: "Invalid or expired token",
} as const;

/** The only way from an agent's text to a message; undefined: unreadable or of an unknown type. */
export function parseAgentMessage(message: string): AgentToCore | undefined {
  return parse(message, agentToCore) as AgentToCore | undefined;
}

/** The only way from a server's text to a message; undefined: unreadable or of an unknown type. */
export function parseServerMessage(message: string): CoreToAgent | undefined {
  return parse(message, coreToAgent) as CoreToAgent | undefined;
}

/** The only way from a dashboard's text to a message; undefined: unreadable or of an unknown type. */
export function parseDashboardMessage(message: string): DashboardToCore | undefined {
  return parse(message, dashboardToCore) as DashboardToCore | undefined;
}

function parse(message: string, schemas: Readonly<Record<string, z.ZodMiniType>>): unknown {
  const parsed = parseJson(message);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null) return undefined;
  const { type } = parsed.value as { readonly type?: unknown };
  const schema = typeof type === "string" && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  const checked = schema === undefined ? undefined : z.safeParse(schema, parsed.value);
  return checked?.success === true ? { type, ...(checked.data as object) } : undefined;
}
