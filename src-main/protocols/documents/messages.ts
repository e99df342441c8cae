import * as z from "zod/mini";
import { parseJson } from "../../base/parseJson.ts";
import { fail, type Result, succeed } from "../../base/result.ts";
import { describeIssue } from "../describeIssue.ts";
import { auditActions } from "./messages/audit.ts";
import { authActions } from "./messages/auth.ts";
import { binActions } from "./messages/bin.ts";
import { blockActions } from "./messages/blocks.ts";
import type { ActionDefinition } from "./messages/define.ts";
import { directoryActions } from "./messages/directories.ts";
import { documentActions as singleDocumentActions } from "./messages/documents.ts";
import { grantActions } from "./messages/grants.ts";
import { groupActions } from "./messages/groups.ts";
import { revisionActions } from "./messages/revisions.ts";
import { ruleActions } from "./messages/rules.ts";
import { serverActions } from "./messages/server.ts";
import { transferActions } from "./messages/transfers.ts";
import { twoFactorActions } from "./messages/twoFactor.ts";
import { usageActions } from "./messages/usage.ts";
import { userActions } from "./messages/users.ts";

/** The version that this server speaks: clients refuse a higher one. */
export const protocolVersion = 3;

/** Every action of the documents protocol: docs/protocols/documents.md. */
export const documentActions = {
  ...serverActions,
  ...authActions,
  ...twoFactorActions,
  ...directoryActions,
  ...singleDocumentActions,
  ...revisionActions,
  ...binActions,
  ...usageActions,
  ...transferActions,
  ...userActions,
  ...groupActions,
  ...ruleActions,
  ...grantActions,
  ...blockActions,
  ...auditActions,
};

export type ActionName = keyof typeof documentActions;
/** The data of an action as the server has it: aliases and defaults are resolved. */
export type DataOf<A extends ActionName> = z.output<(typeof documentActions)[A]["data"]>;
/** What a caller writes: fields with a default may be left out. */
export type DataInput<A extends ActionName> = z.input<(typeof documentActions)[A]["data"]>;
/** The data of a 200. */
export type ResultOf<A extends ActionName> = z.output<(typeof documentActions)[A]["result"]>;

/** What a peer asks, checked as far as its envelope. */
export interface Request {
  /** Any text: whether there is such an action is looked up later. */
  readonly action: string;
  /** `{}` when the peer left it out; of any type otherwise. */
  readonly data: unknown;
  /** Empty when there are no credentials. */
  readonly username: string;
  readonly token: string;
}

/** What is wrong with a message that is no request, as the data of a 400. */
export interface RequestFault {
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the server answers. */
export interface Response {
  /** 200, 202, 4xx, 500 or 999. */
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly protocol_version: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** What the server says to a listener without being asked. */
export interface LockdownPush {
  readonly action: "lockdown";
  readonly status: boolean;
}

/** The envelope of a request. Members that it does not know are passed over. */
export function parseRequest(message: string): Result<Request, RequestFault> {
  const parsed = parseJson(message);
  if (!parsed.ok) return fail({ message: "Invalid JSON format", data: {} });
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(wrongType("request", "object"));
  const { action, data, username, token } = value as Readonly<Record<string, unknown>>;
  if (action === undefined || action === null) return fail({ message: "No action specified in request", data: {} });
  if (typeof action !== "string") return fail(wrongType("action", "string"));
  if (!isTextOrNull(username)) return fail(wrongType("username", "string"));
  if (!isTextOrNull(token)) return fail(wrongType("token", "string"));
  return succeed({ action, data: data === undefined ? {} : data, username: username ?? "", token: token ?? "" });
}

export function isActionName(action: string): action is ActionName {
  return Object.hasOwn(documentActions, action);
}

/** The members of `data` under the names that the schema knows. One that stands there under both names is left alone. */
export function withCanonicalNames(action: ActionName, data: unknown): unknown {
  const { aliases }: ActionDefinition = documentActions[action];
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      const canonical = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
      return [canonical !== undefined && !Object.hasOwn(data, canonical) ? canonical : name, value];
    }),
  );
}

/** The data of a 200 of `action`, or what is wrong with it. */
export function parseResult<A extends ActionName>(action: A, data: unknown): Result<ResultOf<A>, string> {
  const checked = z.safeParse(documentActions[action].result, data);
  return checked.success ? succeed(checked.data as ResultOf<A>) : fail(describeIssue(checked.error, "data"));
}

function isTextOrNull(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === "string";
}

function wrongType(what: string, type: string): RequestFault {
  return { message: `${what}: ${type} expected`, data: { validator: "type", validator_value: type } };
}
