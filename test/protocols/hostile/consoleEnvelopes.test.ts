import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { consoleAttacker, message, stranger } from "./attackers.ts";
import { type Provocation, provoke } from "./provoke.ts";
import { quiet, startScene } from "./scene.ts";
import { frame, loneSurrogate, megabyte, nested, nestedObjects } from "./shapes.ts";

failOnLeaks();

const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);

const envelopes: readonly Provocation[] = [
  ["an empty text", [""], ["INVALID_MESSAGE"]],
  ["half an object", ['{"type":"ping"'], ["INVALID_MESSAGE"]],
  ["two objects", ['{"type":"ping"}{"type":"ping"}'], ["INVALID_MESSAGE"]],
  ["NaN, which is no JSON", ['{"type":"ping","data":{"a":NaN}}'], ["INVALID_MESSAGE"]],
  ["null", ["null"], ["INVALID_MESSAGE"]],
  ["a number", ["1e308"], ["INVALID_MESSAGE"]],
  ["a string", ['"ping"'], ["INVALID_MESSAGE"]],
  ["an array", ['[{"type":"ping"}]'], ["INVALID_MESSAGE"]],
  ["an empty object", ["{}"], ["INVALID_MESSAGE"]],
  ["100,000 brackets", [nested(100_000)], ["INVALID_MESSAGE"]],
  ["100,000 brackets that are not closed", ["[".repeat(100_000)], ["INVALID_MESSAGE"]],
  ["100,000 objects in each other", [nestedObjects(100_000)], ["INVALID_MESSAGE"]],
  ["a million blanks", [" ".repeat(megabyte)], ["INVALID_MESSAGE"]],
  ["2 MiB", [JSON.stringify(message("ping", { x: "x".repeat(2 * megabyte) }))], ["close 1009"]],
  ["2 MiB of bytes", [Buffer.alloc(2 * megabyte)], ["close 1009"]],
  ["a binary frame without hello", [frame(1, 1, "x")], ["INVALID_MESSAGE"]],
  ["an empty binary frame without hello", [Buffer.alloc(0)], ["INVALID_MESSAGE"]],
  ["no type", [{ id: "a", data: {} }], ["INVALID_MESSAGE"]],
  ["a number as type", [message(7, {})], ["INVALID_MESSAGE"]],
  ["an array as type", [message(["ping"], {})], ["INVALID_MESSAGE"]],
  ["a number as id", [message("ping", {}, { id: 1 })], ["INVALID_MESSAGE"]],
  ["null as id", [message("ping", {}, { id: null })], ["INVALID_MESSAGE"]],
  ["an object as id", [message("ping", {}, { id: {} })], ["INVALID_MESSAGE"]],
  ["an id of 257 characters", [message("ping", {}, { id: "x".repeat(257) })], ["INVALID_MESSAGE"]],
  ["null as data", [message("ping", null)], ["INVALID_MESSAGE"]],
  ["a list as data", [message("ping", [])], ["INVALID_MESSAGE"]],
  ["a text as data", [message("ping", "{}")], ["INVALID_MESSAGE"]],
];

const types: readonly Provocation[] = [
  ["an empty type", [message("", {})], ["UNKNOWN_TYPE"]],
  ["a type in capitals", [message("PING", {})], ["UNKNOWN_TYPE"]],
  ["the type __proto__", [message("__proto__", {})], ["UNKNOWN_TYPE"]],
  ["the type constructor", [message("constructor", {})], ["UNKNOWN_TYPE"]],
  ["the type toString", [message("toString", {})], ["UNKNOWN_TYPE"]],
  ["the type hasOwnProperty", [message("hasOwnProperty", {})], ["UNKNOWN_TYPE"]],
  ["a type of 900,000 characters", [message("x".repeat(900_000), {})], ["UNKNOWN_TYPE"]],
  ["a type of half a character", [message(loneSurrogate, {})], ["UNKNOWN_TYPE"]],
  ["a node's type: heartbeat", [message("heartbeat", { node_id: quiet.node, status: "x" })], ["UNKNOWN_TYPE"]],
  ["a node's type: node_register", [message("node_register", { node_id: quiet.node })], ["UNKNOWN_TYPE"]],
  ["a push: node-changed", [message("node-changed", { node: {} })], ["UNKNOWN_TYPE"]],
  ["a push: system-event", [message("system-event", { event: "x" })], ["UNKNOWN_TYPE"]],
  ["an answer: ping-response", [message("ping-response", {})], ["UNKNOWN_TYPE"]],
  ["an error", [message("error", { code: "INTERNAL_ERROR", message: "x" })], ["UNKNOWN_TYPE"]],
  [
    "a channel without hello",
    [message("channel_open", { channel: 1, kind: "exec", params: {}, window: 1 })],
    ["INVALID_MESSAGE"],
  ],
  ["data in the prototype", ['{"type":"node-get","id":"a","__proto__":{"data":{"nodeId":"x"}}}'], ["INVALID_PARAMS"]],
  ["fields in the prototype", ['{"type":"node-get","id":"a","data":{"__proto__":{"nodeId":"x"}}}'], ["INVALID_PARAMS"]],
  [
    "a right in the prototype",
    ['{"type":"user-list","id":"a","data":{"__proto__":{"role":"administrator"}}}'],
    ["FORBIDDEN"],
  ],
  [
    "a role in the envelope",
    [message("user-list", {}, { role: "administrator", principal: { role: "administrator" } })],
    ["FORBIDDEN"],
  ],
  ["a request without id is not answered", [{ type: "ping", data: {} }], []],
  ["a faulty request without id is", [{ type: "node-get", data: {} }], ["INVALID_PARAMS"]],
  ["a token that is wrong, when signed in", [message("auth", { token: "guessed" })], ["UNAUTHORIZED", "close 1008"]],
  ["a token that is a number", [message("auth", { token: 7 })], ["INVALID_PARAMS"]],
  ["nine faults in a row", times(9, "{"), times(9, "INVALID_MESSAGE")],
  ["ten faults in a row", times(10, "{"), [...times(10, "INVALID_MESSAGE"), "close 1008"]],
  [
    "twenty faults with good requests between",
    times(20, ["{", { type: "ping", data: {} }]).flat(),
    [...times(20, "INVALID_MESSAGE"), "close 1008"],
  ],
];

const beforeAuth: readonly Provocation[] = [
  ["no JSON", ["{"], ["INVALID_MESSAGE"]],
  ["a ping", [message("ping", {})], ["UNAUTHORIZED"]],
  ["hello", [message("hello", { version: 1, capabilities: ["channels"] })], ["UNAUTHORIZED"]],
  ["an unknown type", [message("nonsense", {})], ["UNAUTHORIZED"]],
  ["the nodes", [message("node-list", {})], ["UNAUTHORIZED"]],
  ["a subscription", [message("subscribe", { topic: "nodes" })], ["UNAUTHORIZED"]],
  ["a command", [message("command-run", { nodeIds: [quiet.node], command: "id" })], ["UNAUTHORIZED"]],
  ["a terminal", [message("terminal-connect", { vmId: quiet.node, type: "node" })], ["UNAUTHORIZED"]],
  ["a channel", [message("channel_open", { channel: 1, kind: "exec", params: {}, window: 1 })], ["UNAUTHORIZED"]],
  ["a binary frame", [frame(1, 1, "x")], ["INVALID_MESSAGE"]],
  ["a link for the first sign-in", [message("ticket-create", {})], ["UNAUTHORIZED"]],
  ["no token", [message("auth", {})], ["INVALID_PARAMS"]],
  ["a token that is a list", [message("auth", { token: [] })], ["INVALID_PARAMS"]],
  ["an empty token", [message("auth", { token: "" })], ["UNAUTHORIZED", "close 1008"]],
  [
    "a token that nobody signed",
    [message("auth", { token: unsigned({ sub: "admin" }) })],
    ["UNAUTHORIZED", "close 1008"],
  ],
  ["a token of 900,000 characters", [message("auth", { token: "a".repeat(900_000) })], ["UNAUTHORIZED", "close 1008"]],
  ["a token of half a character", [message("auth", { token: loneSurrogate })], ["UNAUTHORIZED", "close 1008"]],
  [
    "a node's enrolment token",
    ({ nodeToken }) => [message("auth", { token: nodeToken })],
    ["UNAUTHORIZED", "close 1008"],
  ],
  [
    "a request behind a wrong token",
    [message("auth", { token: "guessed" }), message("node-list", {})],
    ["UNAUTHORIZED", "close 1008"],
  ],
  ["2 MiB", ["x".repeat(2 * megabyte)], ["close 1009"]],
  ["ten faults", times(10, "{"), [...times(10, "INVALID_MESSAGE"), "close 1008"]],
];

/** A token that says `alg: none`. */
function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part({ ...claims, exp: 4e9, sid: "1" })}.`;
}

test("texts and envelopes that are wrong are answered, and nobody else notices", async (t) => {
  const scene = await startScene(t);
  const attacker = await consoleAttacker(scene, "viewer");
  await provoke(t, scene, { attacker, table: [...envelopes, ...types] });
});

test("before it is signed in a console gets nothing", async (t) => {
  const scene = await startScene(t);
  await provoke(t, scene, { attacker: stranger(scene), table: beforeAuth });
});
