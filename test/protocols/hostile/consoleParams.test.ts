import { test } from "node:test";
import { requests } from "../../../src-main/protocols/machines/messages.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { consoleAttacker, message } from "./attackers.ts";
import { type Provocation, provoke } from "./provoke.ts";
import { quiet, startScene } from "./scene.ts";
import { loneSurrogate, nested } from "./shapes.ts";

failOnLeaks();

const wrong = (type: string, data: object, what: string): Provocation => [
  `${type}: ${what}`,
  [message(type, data)],
  ["INVALID_PARAMS"],
];
const answered = (type: string, data: object, answer: string): Provocation => [
  `${type} ${JSON.stringify(data).slice(0, 60)}`,
  [message(type, data)],
  [answer],
];

const day = 86_400_000;
const history = { nodeId: "nobody", metrics: ["cpu_usage"], from: 0, to: day };
const run = { nodeIds: ["nobody"], command: "id" };

/** By themselves valid numbers, texts and lists, where they make no sense. */
const values: readonly Provocation[] = [
  wrong("node-list", { limit: 0 }, "a limit of 0"),
  wrong("node-list", { limit: -1 }, "a negative limit"),
  wrong("node-list", { limit: 501 }, "a limit that is too high"),
  wrong("node-list", { limit: 1e308 }, "a limit of 1e308"),
  wrong("node-list", { limit: 1.5 }, "half a node"),
  wrong("node-list", { limit: "10" }, "a limit that is a text"),
  wrong("node-list", { limit: null }, "a limit of null"),
  wrong("node-list", { after: "" }, "an empty id"),
  wrong("node-list", { after: ["a"] }, "a list of ids"),
  wrong("node-get", { nodeId: "a".repeat(129) }, "an id that is too long"),
  wrong("node-get", { nodeId: "a".repeat(900_000) }, "an id of 900,000 characters"),
  wrong("node-get", { nodeId: { $ne: null } }, "an operator of another database"),
  wrong("history", { ...history, metrics: [] }, "no metric"),
  wrong("history", { ...history, metrics: ["__proto__"] }, "the metric __proto__"),
  wrong("history", { ...history, metrics: Array(12).fill("cpu_usage") }, "twelve metrics"),
  wrong("history", { ...history, metrics: "cpu_usage" }, "a metric that is no list"),
  wrong("history", { ...history, points: 0 }, "no point"),
  wrong("history", { ...history, points: 2001 }, "too many points"),
  wrong("history", { ...history, from: -1e308, to: 1e308 }, "all of time"),
  wrong("history", { ...history, from: "yesterday" }, "a time that is a text"),
  wrong("history", { ...history, from: null }, "a time of null"),
  wrong("command-list", { limit: 201 }, "a limit that is too high"),
  wrong("command-list", { limit: -5 }, "a negative limit"),
  wrong("command-list", { status: "done" }, "a status that is not there"),
  wrong("command-list", { before: "now" }, "a time that is a text"),
  wrong("command-output", { commandId: "a", stream: "stdin" }, "a stream that is not there"),
  wrong("command-output", { commandId: "a", stream: "stdout", offset: -1 }, "a negative offset"),
  wrong("command-output", { commandId: "a", stream: "stdout", length: 0 }, "a length of 0"),
  wrong("command-output", { commandId: "a", stream: "stdout", length: 2 ** 53 }, "a length of 2^53"),
  wrong("command-get", { commandId: "" }, "an empty id"),
  wrong("subscribe", { topic: 7 }, "a topic that is a number"),
  wrong("subscribe", { topic: "x".repeat(65) }, "a topic of 65 characters"),
  wrong("subscribe", { topic: "nodes", interval: 0 }, "an interval of 0"),
  wrong("subscribe", { topic: "nodes", interval: -1000 }, "a negative interval"),
  wrong("subscribe", { topic: "nodes", interval: "1000" }, "an interval that is a text"),
  wrong("subscribe", { topic: "node-metrics" }, "no node"),
  wrong("session-revoke", { sessionId: "" }, "an empty id"),
  wrong("hello", { capabilities: [] }, "no version"),
  wrong("hello", { version: "1" }, "a version that is a text"),
  wrong("hello", { version: 1, capabilities: "channels" }, "capabilities that are no list"),
  wrong("hello", { version: 1, capabilities: Array(65).fill("x") }, "65 capabilities"),
  wrong("password-change", { current: "a" }, "no new password"),
  wrong("password-change", { current: "a".repeat(1025), next: "b" }, "a password of 1,025 characters"),
];

const powerful: readonly Provocation[] = [
  wrong("command-run", { ...run, nodeIds: [] }, "no node"),
  wrong("command-run", { ...run, nodeIds: Array(1001).fill("a") }, "1,001 nodes"),
  wrong("command-run", { ...run, nodeIds: "nobody" }, "an id that is no list"),
  wrong("command-run", { ...run, command: "" }, "an empty command"),
  wrong("command-run", { ...run, command: "x".repeat(32_769) }, "a command that is too long"),
  wrong("command-run", { ...run, command: ["id"] }, "a command that is a list"),
  wrong("command-run", { ...run, timeout: 0 }, "a time limit of 0"),
  wrong("command-run", { ...run, timeout: -1 }, "a negative time limit"),
  wrong("command-run", { ...run, timeout: 1e308 }, "a time limit of 1e308"),
  wrong("command-run", { ...run, timeout: 86_401 }, "a time limit of more than a day"),
  wrong("command-run", { ...run, expiresIn: 999 }, "less than a second"),
  wrong("command-run", { ...run, expiresIn: null }, "no end"),
  wrong("node-tag", { nodeId: "nobody", tags: Array(33).fill("a") }, "33 tags"),
  wrong("node-tag", { nodeId: "nobody", tags: [""] }, "an empty tag"),
  wrong("node-tag", { nodeId: "nobody", tags: { 0: "a", length: 1 } }, "something like a list"),
  wrong("node-rename", { nodeId: "nobody", name: "" }, "an empty name"),
  wrong("node-rename", { nodeId: "nobody", name: "x".repeat(129) }, "a name that is too long"),
  wrong("node-move", { nodeId: "nobody", group: "" }, "an empty group"),
  wrong("token-create", { uses: 0 }, "no use"),
  wrong("token-create", { uses: 100_001 }, "too many uses"),
  wrong("token-create", { uses: 1e308 }, "1e308 uses"),
  wrong("token-create", { expiresIn: -1 }, "an end before its beginning"),
  wrong("token-create", { group: null }, "no group"),
  wrong("user-create", { username: "evil", password: "x", role: "root" }, "a role that is not there"),
  wrong("user-create", { username: "a b", password: "x", role: "viewer" }, "a blank in the name"),
  wrong("user-create", { username: "a\u0000", password: "x", role: "viewer" }, "a zero byte in the name"),
  wrong("user-create", { username: loneSurrogate, password: "x", role: "viewer" }, "half a character as name"),
  wrong("user-create", { username: "../x", password: "x", role: "viewer" }, "a path as name"),
  wrong("user-create", { username: "a", password: "x", role: "viewer", groups: Array(257).fill("a") }, "257 groups"),
  wrong("user-change", { userId: "a", role: ["administrator"] }, "a role that is a list"),
  wrong("audit-list", { limit: 501 }, "a limit that is too high"),
  wrong("audit-list", { before: 0 }, "before the first record"),
  wrong("audit-list", { before: -1 }, "a negative sequence"),
  wrong("terminal-connect", { vmId: quiet.node, type: "node", cols: 0 }, "no column"),
  wrong("terminal-connect", { vmId: quiet.node, type: "node", rows: 301 }, "301 rows"),
  wrong("terminal-connect", { vmId: quiet.node, type: "serial" }, "a type that is not there"),
  wrong("terminal-input", { vmId: quiet.node, input: "x".repeat(262_145) }, "256 KiB at once"),
  wrong("terminal-resize", { vmId: quiet.node, cols: -1, rows: -1 }, "a negative size"),
  wrong("vm-control", { vmId: "a", action: "explode" }, "an action that is not there"),
  answered("node-move", { nodeId: quiet.node, group: "default" }, "NODE_NOT_FOUND"),
  answered("terminal-input", { vmId: quiet.node, input: "id\n" }, "TERMINAL_NOT_CONNECTED"),
  answered("terminal-resize", { vmId: quiet.node, cols: 80, rows: 24, session: "guessed" }, "TERMINAL_NOT_CONNECTED"),
  answered("terminal-disconnect", { vmId: quiet.node }, "terminal-disconnect-response"),
  answered("terminal-connect", { vmId: quiet.node, type: "node" }, "VM_NOT_FOUND"),
  answered("token-revoke", { tokenId: "' OR 1=1 --" }, "TOKEN_NOT_FOUND"),
];

const harmless: readonly Provocation[] = [
  answered("subscribe", { topic: "__proto__" }, "UNKNOWN_TOPIC"),
  answered("subscribe", { topic: "everything" }, "UNKNOWN_TOPIC"),
  answered("subscribe", { topic: "vm-status", vmId: "a" }, "VM_NOT_FOUND"),
  answered("subscribe", { topic: "events", interval: 1e308 }, "subscribe-response"),
  answered("unsubscribe", { topic: "nonsense" }, "unsubscribe-response"),
  answered("node-list", { after: loneSurrogate }, "node-list-response"),
  answered("command-list", { before: 1e308 }, "command-list-response"),
  answered("command-list", { before: -1e308 }, "command-list-response"),
  answered("history", { ...history, from: 5, to: 5 }, "NODE_NOT_FOUND"),
  answered("hello", { version: 1e308 }, "hello-response"),
  answered("node-get", { nodeId: "__proto__" }, "NODE_NOT_FOUND"),
  answered("command-get", { commandId: "' OR 1=1 --" }, "COMMAND_NOT_FOUND"),
  answered("command-get", { commandId: "a\u0000b" }, "COMMAND_NOT_FOUND"),
  ["a field that nests 50,000 deep", [`{"type":"ping","id":"a","data":{"x":${nested(50_000)}}}`], ["ping-response"]],
];

/** Objects in every field of every request, so that a new request is tried too. */
const mistyped: readonly Provocation[] = Object.keys(requests)
  .filter((type) => type !== "auth" && fieldsOf(type).length > 0)
  .map((type) => wrong(type, twisted(fieldsOf(type)), "objects in every field"));

function fieldsOf(type: string): readonly string[] {
  const { params } = requests[type as keyof typeof requests];
  const { shape } = params.def as unknown as { readonly shape: Readonly<Record<string, unknown>> };
  return Object.keys(shape);
}

function twisted(fields: readonly string[]): object {
  return Object.fromEntries(fields.map((field) => [field, { toString: field, length: -1 }]));
}

test("what a viewer asks with values that make no sense is refused or harmless", async (t) => {
  const scene = await startScene(t);
  await provoke(t, scene, { attacker: await consoleAttacker(scene, "viewer"), table: [...values, ...harmless] });
});

test("what an administrator of another group asks with values that make no sense is refused", async (t) => {
  const scene = await startScene(t);
  const attacker = await consoleAttacker(scene, "administrator");
  await provoke(t, scene, { attacker, table: [...powerful, ...mistyped] });
});
