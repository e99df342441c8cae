import { randomUUID } from "node:crypto";
import type { Role } from "../../../src-main/core/identity/principal.ts";
import type { RequestType } from "../../../src-main/protocols/machines/messages.ts";
import { runCommand } from "../../support/commandHelpers.ts";
import { adminPassword, type TestCore } from "../../support/startCore.ts";
import { type AlertSubject, makeAlertSubject, subjectChannel, subjectRule, subjectUrl } from "./alertSubject.ts";

/** What a request is tried on. Everything in it is new, so that a request may destroy it. */
export interface Subject extends AlertSubject {
  readonly core: TestCore;
  /** A group that the user sees, or one that it does not. */
  readonly group: string;
  /** A node of that group, offline. */
  readonly nodeId: string;
  /** A queued command of that node. */
  readonly commandId: string;
  /** An enrolment token of that group. */
  readonly tokenId: string;
  /** A room of the core's relay. */
  readonly roomId: string;
  /** An API key of a server of that group. */
  readonly keyId: string;
  /** A user with nothing else to do. */
  readonly userId: string;
  /** A further session of whoever asks, or one of somebody else. */
  readonly sessionId: string;
  /** The access token of whoever asks. */
  readonly accessToken: string;
}

export interface Row {
  readonly data: (subject: Subject) => object;
  /** The least role that may send it. */
  readonly role: Role;
  /** `ok` or an error code: on what the user may see. @default "ok" */
  readonly inside?: string;
  /** On what the user may not see. @default as inside */
  readonly outside?: string;
  /** For an administrator of some groups only. @default as inside */
  readonly limited?: string;
  /** For who is not signed in. @default "UNAUTHORIZED" */
  readonly stranger?: string;
}

const vm = ({ nodeId }: Subject): object => ({ vmId: nodeId });
const day = 86_400_000;

/** Who may send what. A request type that has no row here does not compile, and fails the test. */
export const authorisationRows: Readonly<Record<RequestType, Row>> = {
  auth: { role: "viewer", data: ({ accessToken }) => ({ token: accessToken }), stranger: "ok" },
  hello: { role: "viewer", data: () => ({ version: 1, capabilities: ["channels"] }) },
  ping: { role: "viewer", data: () => ({}) },
  subscribe: { role: "viewer", data: ({ nodeId }) => ({ topic: "node-metrics", nodeId }), outside: "NODE_NOT_FOUND" },
  unsubscribe: { role: "viewer", data: ({ nodeId }) => ({ topic: "node-metrics", nodeId }) },
  "node-list": { role: "viewer", data: () => ({}) },
  "node-get": { role: "viewer", data: ({ nodeId }) => ({ nodeId }), outside: "NODE_NOT_FOUND" },
  "node-rename": { role: "administrator", data: ({ nodeId }) => ({ nodeId, name: "new" }), outside: "NODE_NOT_FOUND" },
  "node-tag": { role: "operator", data: ({ nodeId }) => ({ nodeId, tags: ["a"] }), outside: "NODE_NOT_FOUND" },
  "node-move": {
    role: "administrator",
    data: ({ nodeId, group }) => ({ nodeId, group }),
    outside: "NODE_NOT_FOUND",
  },
  "node-remove": { role: "administrator", data: ({ nodeId }) => ({ nodeId }), outside: "NODE_NOT_FOUND" },
  history: {
    role: "viewer",
    data: ({ nodeId }) => ({ nodeId, metrics: ["cpu_usage"], from: 0, to: day }),
    outside: "NODE_NOT_FOUND",
  },
  "log-search": { role: "viewer", data: ({ nodeId }) => ({ nodeIds: [nodeId] }), outside: "NODE_NOT_FOUND" },
  "log-sources": { role: "viewer", data: ({ nodeId }) => ({ nodeIds: [nodeId] }), outside: "NODE_NOT_FOUND" },
  "command-run": {
    role: "operator",
    data: ({ nodeId }) => ({ nodeIds: [nodeId], command: "true" }),
    outside: "NODE_NOT_FOUND",
  },
  "command-list": { role: "viewer", data: ({ nodeId }) => ({ nodeId }), outside: "NODE_NOT_FOUND" },
  "command-get": { role: "viewer", data: ({ commandId }) => ({ commandId }), outside: "COMMAND_NOT_FOUND" },
  "command-output": {
    role: "viewer",
    data: ({ commandId }) => ({ commandId, stream: "stdout" }),
    outside: "COMMAND_NOT_FOUND",
  },
  "command-cancel": { role: "operator", data: ({ commandId }) => ({ commandId }), outside: "COMMAND_NOT_FOUND" },
  "container-list": {
    role: "viewer",
    data: ({ nodeId }) => ({ nodeId }),
    inside: "NODE_OFFLINE",
    outside: "NODE_NOT_FOUND",
  },
  "container-inspect": {
    role: "viewer",
    data: ({ nodeId }) => ({ nodeId, container: "web" }),
    inside: "NODE_OFFLINE",
    outside: "NODE_NOT_FOUND",
  },
  "container-stats": {
    role: "viewer",
    data: ({ nodeId }) => ({ nodeId, container: "web" }),
    inside: "NODE_OFFLINE",
    outside: "NODE_NOT_FOUND",
  },
  "container-act": {
    role: "operator",
    data: ({ nodeId }) => ({ nodeId, container: "web", action: "stop" }),
    inside: "NODE_OFFLINE",
    outside: "NODE_NOT_FOUND",
  },
  "token-create": { role: "administrator", data: ({ group }) => ({ group }), outside: "FORBIDDEN" },
  "token-list": { role: "administrator", data: () => ({}) },
  "token-revoke": { role: "administrator", data: ({ tokenId }) => ({ tokenId }), outside: "TOKEN_NOT_FOUND" },
  "api-key-create": {
    role: "administrator",
    data: ({ group }) => ({ server: randomUUID(), group }),
    outside: "FORBIDDEN",
  },
  "api-key-list": { role: "administrator", data: () => ({}) },
  "api-key-revoke": { role: "administrator", data: ({ keyId }) => ({ keyId }), outside: "TOKEN_NOT_FOUND" },
  "room-create": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "room-list": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "room-revoke": { role: "administrator", data: ({ roomId }) => ({ roomId }), limited: "FORBIDDEN" },
  "document-server-list": { role: "viewer", data: () => ({}) },
  "document-server-add": {
    role: "administrator",
    data: () => ({ name: `theirs ${randomUUID()}`, url: "wss://127.0.0.1:1" }),
    limited: "FORBIDDEN",
  },
  "document-server-remove": {
    role: "administrator",
    data: () => ({ id: "none" }),
    inside: "DOCUMENT_SERVER_NOT_FOUND",
    limited: "FORBIDDEN",
  },
  "document-server-check": {
    role: "administrator",
    data: () => ({ url: "http://wrong" }),
    inside: "INVALID_PARAMS",
    limited: "FORBIDDEN",
  },
  "document-storage": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "document-storage-check": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "document-server-connect": { role: "viewer", data: () => ({ id: "none" }), inside: "DOCUMENT_SERVER_NOT_FOUND" },
  "room-members": { role: "operator", data: () => ({}), limited: "FORBIDDEN" },
  "user-list": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "user-create": {
    role: "administrator",
    data: () => ({ username: `u${randomUUID()}`, password: adminPassword, role: "viewer" }),
    limited: "FORBIDDEN",
  },
  "user-change": {
    role: "administrator",
    data: ({ userId }) => ({ userId, role: "operator" }),
    limited: "FORBIDDEN",
  },
  "user-remove": { role: "administrator", data: ({ userId }) => ({ userId }), limited: "FORBIDDEN" },
  "documents-token": { role: "viewer", data: () => ({}) },
  // Whoever may ask is told that this is no new password, and can be asked for the same one at the next row.
  "password-change": {
    role: "viewer",
    data: () => ({ current: adminPassword, next: adminPassword }),
    inside: "CONFLICT",
  },
  "two-factor-status": { role: "viewer", data: () => ({}) },
  // Before anything is set up.
  "two-factor-cancel": { role: "viewer", data: () => ({}), inside: "CONFLICT" },
  "two-factor-set-up": { role: "viewer", data: () => ({}) },
  "two-factor-confirm": { role: "viewer", data: () => ({ code: "none" }), inside: "INVALID_CREDENTIALS" },
  "two-factor-disable": { role: "viewer", data: () => ({ code: "none" }), inside: "INVALID_CREDENTIALS" },
  "ticket-create": { role: "administrator", data: () => ({}), inside: "FORBIDDEN" },
  "session-list": { role: "viewer", data: () => ({}) },
  "session-revoke": { role: "viewer", data: ({ sessionId }) => ({ sessionId }), outside: "SESSION_NOT_FOUND" },
  "alert-list": { role: "viewer", data: ({ nodeId }) => ({ nodeId }), outside: "NODE_NOT_FOUND" },
  "incident-list": { role: "viewer", data: () => ({}) },
  "alert-acknowledge": {
    role: "operator",
    data: ({ alertId }) => ({ alertIds: [alertId] }),
    outside: "ALERT_NOT_FOUND",
  },
  "alert-silence": {
    role: "operator",
    data: ({ nodeId }) => ({ nodeId, duration: 60_000 }),
    outside: "NODE_NOT_FOUND",
  },
  "alert-silence-list": { role: "viewer", data: () => ({}) },
  "alert-silence-end": { role: "operator", data: () => ({ silenceId: "over" }) },
  "alert-rule-list": { role: "viewer", data: () => ({}) },
  "alert-rule-save": {
    role: "administrator",
    data: () => ({ rule: { ...subjectRule, quietHours: null, renotifyEvery: null } }),
    limited: "FORBIDDEN",
  },
  "alert-rule-remove": { role: "administrator", data: ({ ruleId }) => ({ ruleId }), limited: "FORBIDDEN" },
  "alert-rule-preview": {
    role: "administrator",
    data: ({ nodeId }) => ({
      rule: { ...subjectRule, scope: { kind: "nodes", nodeIds: [nodeId] }, quietHours: null, renotifyEvery: null },
    }),
  },
  "alert-rule-preview-cancel": { role: "administrator", data: () => ({}) },
  "notification-channel-list": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "notification-channel-save": {
    role: "administrator",
    data: () => ({ channel: { ...subjectChannel, email: null }, secrets: { url: subjectUrl } }),
    limited: "FORBIDDEN",
  },
  "notification-channel-remove": {
    role: "administrator",
    data: ({ channelId }) => ({ channelId }),
    limited: "FORBIDDEN",
  },
  "notification-channel-test": {
    role: "administrator",
    data: ({ channelId }) => ({ channelId }),
    limited: "FORBIDDEN",
  },
  "notification-list": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "audit-list": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "audit-verify": { role: "administrator", data: () => ({}), limited: "FORBIDDEN" },
  "terminal-connect": {
    role: "operator",
    data: (subject) => ({ ...vm(subject), type: "node" }),
    inside: "TERMINAL_CONNECT_FAILED",
    outside: "VM_NOT_FOUND",
  },
  "terminal-input": {
    role: "operator",
    data: (subject) => ({ ...vm(subject), input: "id\n" }),
    inside: "TERMINAL_NOT_CONNECTED",
  },
  "terminal-resize": {
    role: "operator",
    data: (subject) => ({ ...vm(subject), cols: 80, rows: 24 }),
    inside: "TERMINAL_NOT_CONNECTED",
  },
  "terminal-disconnect": { role: "operator", data: vm },
  "vm-control": {
    role: "operator",
    data: (subject) => ({ ...vm(subject), action: "stop" }),
    inside: "VM_NOT_FOUND",
  },
  "vnc-connect": { role: "operator", data: vm, inside: "VM_NOT_FOUND" },
  "vnc-input": { role: "operator", data: (subject) => ({ ...vm(subject), inputType: "key" }), inside: "VM_NOT_FOUND" },
};

/** Makes everything that a request may be tried on, anew. `asks` is whose further session it is. */
export async function makeSubject(
  core: TestCore,
  about: { readonly group: string; readonly asks: string; readonly accessToken: string },
): Promise<Subject> {
  const { group, asks, accessToken } = about;
  const nodeId = randomUUID();
  await core.core.nodes.register({
    nodeId,
    hostname: "host",
    ipAddress: "192.0.2.1",
    osInfo: undefined,
    capabilities: [],
    publicKey: undefined,
    group,
  });
  const { info } = await core.core.tokens.create({ uses: 1, group, createdBy: "test" });
  const user = await core.core.users.create({ username: randomUUID(), password: adminPassword, role: "viewer" });
  const owner = (await core.core.users.list()).find(({ username }) => username === asks);
  const origin = { address: "127.0.0.1", userAgent: "test" };
  const sessions = new Set((await core.core.sessions.list(owner?.id ?? "")).map(({ id }) => id));
  await core.core.sessions.signInAs(owner?.id ?? "", origin);
  const further = (await core.core.sessions.list(owner?.id ?? "")).find(({ id }) => !sessions.has(id));
  return {
    core,
    group,
    nodeId,
    ...(await makeAlertSubject(core, nodeId)),
    commandId: (await runCommand(core, { nodeId })).id,
    tokenId: info.id,
    keyId: (await core.core.apiKeys.create({ name: "server", group }, "test")).info.id,
    roomId: (await core.core.roomTokens.create({ createdBy: "test" })).info.id,
    userId: user.id,
    sessionId: further?.id ?? "",
    accessToken,
  };
}
