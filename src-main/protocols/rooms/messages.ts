import * as z from "zod/mini";
import { parseJson } from "../../base/parseJson.ts";
import { fail, type Result, succeed } from "../../base/result.ts";
import { shallowRecord } from "../shallowRecord.ts";

/** The messages between a device and the relay: docs/protocols/rooms.md. */

/** What a relay reads of what a device sends. What it hands on, it hands on as it came. */
export type DeviceMessage =
  | { readonly cmd: "init"; readonly token: string }
  | { readonly cmd: "Heartbeat" | "checkDevice" | "execute" }
  | { readonly cmd: "execute_result"; readonly hasData: boolean };

/** What a device reads of what the relay, or another device through it, sends. */
export type RelayMessage =
  | {
      readonly cmd: "init";
      readonly accepted: boolean;
      readonly sessionId: string | undefined;
      /** Why not; whatever the relay says. */
      readonly message: string;
      /** Trying again later may help: the room has no place now. Only Picket's relay says so. */
      readonly later: boolean;
    }
  | { readonly cmd: "Heartbeat" }
  | { readonly cmd: "checkDevice"; readonly others: boolean }
  | { readonly cmd: "execute"; readonly command: string }
  | { readonly cmd: "execute_result"; readonly data: string };

const envelope = z.object({
  cmd: z.string(),
  token: z.optional(z.unknown()),
  code: z.optional(z.unknown()),
  session_id: z.optional(z.unknown()),
  extra: z.optional(z.unknown()),
  // Devices in the wild write these beside `cmd` instead of into `extra`.
  command: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});
type Envelope = z.infer<typeof envelope>;

const longestToken = 4096;

/** The message of a device, or one sentence about why it is none. */
export function parseDeviceMessage(text: string): Result<DeviceMessage, string> {
  const read = parseEnvelope(text);
  if (!read.ok) return read;
  const { cmd, token } = read.value;
  switch (cmd) {
    case "init":
      if (typeof token !== "string" || token.length > longestToken) return fail("token: a string expected");
      return succeed({ cmd, token });
    case "Heartbeat":
    case "checkDevice":
    case "execute":
      return succeed({ cmd });
    case "execute_result":
      return succeed({ cmd, hasData: fieldOf(read.value, "data") !== undefined });
    default:
      return fail(`cmd: "${cmd.slice(0, 64)}" is not known`);
  }
}

/** The message of a relay, or one sentence about why it is none. */
export function parseRelayMessage(text: string): Result<RelayMessage, string> {
  const read = parseEnvelope(text);
  if (!read.ok) return read;
  const { cmd, session_id: sessionId } = read.value;
  const { code } = read.value;
  // A string, says the document; a number is as clear.
  const isOne = code === "1" || code === 1;
  switch (cmd) {
    case "init": {
      const extra = extraOf(read.value);
      const message = typeof extra["message"] === "string" ? extra["message"].slice(0, 256) : "";
      const later = extra["reason"] === "later";
      return succeed({
        cmd,
        accepted: isOne,
        sessionId: typeof sessionId === "string" ? sessionId : undefined,
        message,
        later,
      });
    }
    case "Heartbeat":
      return succeed({ cmd });
    case "checkDevice":
      return succeed({ cmd, others: isOne });
    case "execute": {
      const command = fieldOf(read.value, "command");
      return typeof command === "string" ? succeed({ cmd, command }) : fail("execute without a command");
    }
    case "execute_result": {
      const data = textOf(fieldOf(read.value, "data"));
      return data === undefined ? fail("execute_result without data") : succeed({ cmd, data });
    }
    default:
      return fail(`cmd: "${cmd.slice(0, 64)}" is not known`);
  }
}

function parseEnvelope(text: string): Result<Envelope, string> {
  const parsed = parseJson(text);
  if (!parsed.ok) return fail(`not valid JSON at position ${parsed.error.position}`);
  const checked = z.safeParse(envelope, parsed.value);
  return checked.success ? succeed(checked.data) : fail("not an object with a cmd");
}

/** A field of `extra`, or the one of that name beside `cmd`; null is as good as nothing. */
function fieldOf(message: Envelope, name: "command" | "data"): unknown {
  return extraOf(message)[name] ?? message[name] ?? undefined;
}

function extraOf({ extra }: Envelope): Readonly<Record<string, unknown>> {
  const isRecord = typeof extra === "object" && extra !== null && !Array.isArray(extra);
  return isRecord ? (extra as Readonly<Record<string, unknown>>) : {};
}

/** Results are text; what a device sends instead is shown as it would write it. */
function textOf(data: unknown): string | undefined {
  if (data === undefined || typeof data === "string") return data;
  const shallow = z.safeParse(shallowRecord, { data });
  return shallow.success ? JSON.stringify(data) : undefined;
}

export function initMessage(token: string): string {
  return JSON.stringify({ cmd: "init", token });
}

export function acceptedMessage(sessionId: string): string {
  return JSON.stringify({ cmd: "init", code: "1", session_id: sessionId, extra: {} });
}

/** @param reason `later` tells a device of Picket that trying again later may help */
export function refusedMessage(message: string, reason?: "later"): string {
  return JSON.stringify({ cmd: "init", code: "0", extra: { message, ...(reason === undefined ? {} : { reason }) } });
}

export const heartbeatMessage = JSON.stringify({ cmd: "Heartbeat", code: "1", extra: {} });
/** What a device asks with. */
export const checkDeviceMessage = JSON.stringify({ cmd: "checkDevice" });

export function deviceCountMessage(others: boolean): string {
  return JSON.stringify({ cmd: "checkDevice", code: others ? "1" : "0", extra: {} });
}

export function executeMessage(command: string): string {
  return JSON.stringify({ cmd: "execute", extra: { command } });
}

export function executeResultMessage(data: string): string {
  return JSON.stringify({ cmd: "execute_result", extra: { data } });
}
