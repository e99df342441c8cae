import * as z from "zod/mini";
import { parseJson } from "../../base/parseJson.ts";
import { fail, type Result, succeed } from "../../base/result.ts";
import { describeIssue } from "../describeIssue.ts";
import { alertPushes, alertRequests } from "./messages/alerts.ts";
import { apiKeyRequests } from "./messages/apiKeys.ts";
import { auditRequests } from "./messages/audit.ts";
import { channelMessages } from "./messages/channels.ts";
import { commandPushes, commandRequests } from "./messages/commands.ts";
import { connectionPushes, connectionRequests } from "./messages/connection.ts";
import { containerPushes, containerRequests } from "./messages/containers.ts";
import { documentServerRequests } from "./messages/documentServers.ts";
import { documentStorageRequests } from "./messages/documentStorage.ts";
import { enrolmentRequests } from "./messages/enrolment.ts";
import { identityRequests } from "./messages/identity.ts";
import { logRequests } from "./messages/logs.ts";
import { nodePushes, nodeRequests } from "./messages/nodes.ts";
import { notificationRequests } from "./messages/notifications.ts";
import { roomPushes, roomRequests } from "./messages/rooms.ts";
import { terminalPushes, terminalRequests } from "./messages/terminals.ts";
import { twoFactorRequests } from "./messages/twoFactor.ts";
import { vmRequests } from "./messages/vms.ts";

/** Every request of the machines protocol: docs/protocols/machines.md. */
export const requests = {
  ...connectionRequests,
  ...nodeRequests,
  ...commandRequests,
  ...containerRequests,
  ...enrolmentRequests,
  ...apiKeyRequests,
  ...identityRequests,
  ...twoFactorRequests,
  ...auditRequests,
  ...logRequests,
  ...alertRequests,
  ...notificationRequests,
  ...roomRequests,
  ...documentServerRequests,
  ...documentStorageRequests,
  ...terminalRequests,
  ...vmRequests,
};

/** Every message that the core sends without being asked. */
export const pushes = {
  ...connectionPushes,
  ...nodePushes,
  ...commandPushes,
  ...containerPushes,
  ...roomPushes,
  ...terminalPushes,
  ...alertPushes,
};

export type RequestType = keyof typeof requests;
export type ParamsOf<T extends RequestType> = z.output<(typeof requests)[T]["params"]>;
/** What a caller writes: fields with a default may be left out. */
export type ParamsInput<T extends RequestType> = z.input<(typeof requests)[T]["params"]>;
export type ResultOf<T extends RequestType> = z.output<(typeof requests)[T]["result"]>;
export type PushType = keyof typeof pushes;
export type PushData<T extends PushType> = z.output<(typeof pushes)[T]>;
export type ChannelType = keyof typeof channelMessages;

/** A message of a console, checked as far as its envelope. */
export interface ClientMessage {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EnvelopeFault {
  readonly id: string | undefined;
  readonly details: string;
}

/** The envelope, the same in both directions; what is in `data` is checked by its type. */
export function parseEnvelope(message: string): Result<ClientMessage, EnvelopeFault> {
  const parsed = parseJson(message);
  if (!parsed.ok)
    return fail({ id: undefined, details: `message is not valid JSON at position ${parsed.error.position}` });
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail({ id: undefined, details: "the message is not an object" });
  }
  const { type, id, data = {} } = value as Readonly<Record<string, unknown>>;
  const knownId = typeof id === "string" && id.length <= 256 ? id : undefined;
  if (typeof type !== "string") return fail({ id: knownId, details: "type: a string is missing" });
  if (id !== undefined && knownId === undefined) return fail({ id: undefined, details: "id: not a string" });
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return fail({ id: knownId, details: "data: not an object" });
  }
  return succeed({ type, id: knownId, data: data as Readonly<Record<string, unknown>> });
}

export function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(requests, type);
}

export function isPushType(type: string): type is PushType {
  return Object.hasOwn(pushes, type);
}

export function isChannelType(type: string): type is ChannelType {
  return Object.hasOwn(channelMessages, type);
}

/** The parameters of a request, or what is wrong with them. */
export function parseParams<T extends RequestType>(type: T, data: unknown): Result<ParamsOf<T>, string> {
  return check(requests[type].params, data) as Result<ParamsOf<T>, string>;
}

export function parseResult<T extends RequestType>(type: T, data: unknown): Result<ResultOf<T>, string> {
  return check(requests[type].result, data) as Result<ResultOf<T>, string>;
}

export function parsePush<T extends PushType>(type: T, data: unknown): Result<PushData<T>, string> {
  return check(pushes[type], data) as Result<PushData<T>, string>;
}

export function parseChannelMessage<T extends ChannelType>(
  type: T,
  data: unknown,
): Result<z.output<(typeof channelMessages)[T]>, string> {
  return check(channelMessages[type], data) as Result<z.output<(typeof channelMessages)[T]>, string>;
}

function check(schema: z.ZodMiniType, data: unknown): Result<unknown, string> {
  const checked = z.safeParse(schema, data);
  return checked.success ? succeed(checked.data) : fail(describeIssue(checked.error, "data"));
}
