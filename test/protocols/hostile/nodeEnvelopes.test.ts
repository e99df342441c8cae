import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { attackerId, message, nodeAttackers } from "./attackers.ts";
import { type Provocation, provoke } from "./provoke.ts";
import { startScene } from "./scene.ts";
import { loneSurrogate, megabyte, nested, nestedObjects } from "./shapes.ts";

failOnLeaks();

const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);
const beat = { node_id: attackerId, status: "online" };

const texts: readonly Provocation[] = [
  ["an empty text", [""], ["PARSE_ERROR"]],
  ["blanks", [" \n\t "], ["PARSE_ERROR"]],
  ["half an object", ['{"type":"heartbeat"'], ["PARSE_ERROR"]],
  ["two objects", ['{"type":"heartbeat"}{"type":"heartbeat"}'], ["PARSE_ERROR"]],
  ["a comma too many", ['{"type":"heartbeat",}'], ["PARSE_ERROR"]],
  ["single quotes", ["{'type':'heartbeat'}"], ["PARSE_ERROR"]],
  ["NaN, which is no JSON", ['{"type":"heartbeat","id":"a","data":{"node_id":NaN}}'], ["PARSE_ERROR"]],
  ["a zero byte", ["\u0000"], ["PARSE_ERROR"]],
  ["a byte order mark", ['\ufeff{"type":"heartbeat"}'], ["PARSE_ERROR"]],
  ["a control character in a string", ['{"type":"heart\nbeat"}'], ["PARSE_ERROR"]],
  ["XML", ["<heartbeat/>"], ["PARSE_ERROR"]],
  ["null", ["null"], ["INVALID_MESSAGE"]],
  ["a number", ["1e308"], ["INVALID_MESSAGE"]],
  ["a string", ['"heartbeat"'], ["INVALID_MESSAGE"]],
  ["true", ["true"], ["INVALID_MESSAGE"]],
  ["an array", ['[{"type":"heartbeat"}]'], ["INVALID_MESSAGE"]],
  ["an empty object", ["{}"], ["INVALID_MESSAGE"]],
  ["100,000 brackets", [nested(100_000)], ["INVALID_MESSAGE"]],
  ["100,000 brackets that are not closed", ["[".repeat(100_000)], ["PARSE_ERROR"]],
  ["100,000 objects in each other", [nestedObjects(100_000)], ["INVALID_MESSAGE"]],
  ["a million digits", ["1".repeat(megabyte - 1)], ["INVALID_MESSAGE"]],
  ["a million blanks", [" ".repeat(megabyte)], ["PARSE_ERROR"]],
  ["a byte more than 1 MiB", [" ".repeat(megabyte + 1)], ["close 1009"]],
  ["2 MiB", [JSON.stringify(message("heartbeat", { ...beat, x: "x".repeat(2 * megabyte) }))], ["close 1009"]],
  ["2 MiB of bytes", [Buffer.alloc(2 * megabyte)], ["close 1009"]],
];

const envelopes: readonly Provocation[] = [
  ["no type", [{ id: "a", data: beat }], ["INVALID_MESSAGE"]],
  ["a number as type", [message(7, beat)], ["INVALID_MESSAGE"]],
  ["null as type", [message(null, beat)], ["INVALID_MESSAGE"]],
  ["an array as type", [message(["heartbeat"], beat)], ["INVALID_MESSAGE"]],
  ["an object as type", [message({}, beat)], ["INVALID_MESSAGE"]],
  ["an empty type", [message("", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type in capitals", [message("HEARTBEAT", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type with a blank", [message("heartbeat ", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["the type __proto__", [message("__proto__", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["the type constructor", [message("constructor", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["the type toString", [message("toString", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["the type hasOwnProperty", [message("hasOwnProperty", beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type of 900,000 characters", [message("x".repeat(900_000), beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type of half a character", [message(loneSurrogate, beat)], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type of a console", [message("node-list", {})], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type of the core: welcome", [message("welcome", { node_id: attackerId })], ["UNKNOWN_MESSAGE_TYPE"]],
  ["a type of the core: heartbeat_ack", [message("heartbeat_ack", { received: true })], ["UNKNOWN_MESSAGE_TYPE"]],
  [
    "a type of the core: execute_command",
    [message("execute_command", { command_id: "a", command_text: "id", timeout: 1 })],
    ["UNKNOWN_MESSAGE_TYPE"],
  ],
  ["a type of the core: challenge", [message("challenge", { nonce: "a" })], ["UNKNOWN_MESSAGE_TYPE"]],
  ["no id", [{ type: "heartbeat", data: beat }], ["INVALID_MESSAGE"]],
  ["an empty id", [message("heartbeat", beat, { id: "" })], ["INVALID_MESSAGE"]],
  ["a number as id", [message("heartbeat", beat, { id: 1 })], ["INVALID_MESSAGE"]],
  ["null as id", [message("heartbeat", beat, { id: null })], ["INVALID_MESSAGE"]],
  ["an object as id", [message("heartbeat", beat, { id: { toString: "x" } })], ["INVALID_MESSAGE"]],
  ["an id of 129 characters", [message("heartbeat", beat, { id: "x".repeat(129) })], ["INVALID_MESSAGE"]],
  ["an id of 900,000 characters", [message("heartbeat", beat, { id: "x".repeat(900_000) })], ["INVALID_MESSAGE"]],
  ["a number as timestamp", [message("heartbeat", beat, { timestamp: 1 })], ["INVALID_MESSAGE"]],
  ["an array as timestamp", [message("heartbeat", beat, { timestamp: [] })], ["INVALID_MESSAGE"]],
  [
    "a timestamp of 900,000 characters",
    [message("heartbeat", beat, { timestamp: "9".repeat(900_000) })],
    ["heartbeat_ack"],
  ],
  ["no data", [message("heartbeat")], ["INVALID_MESSAGE"]],
  ["null as data", [message("heartbeat", null)], ["INVALID_MESSAGE"]],
  ["an array as data", [message("heartbeat", [beat])], ["INVALID_MESSAGE"]],
  ["a string as data", [message("heartbeat", JSON.stringify(beat))], ["INVALID_MESSAGE"]],
  [
    "data as the prototype",
    [`{"type":"heartbeat","id":"a","__proto__":{"data":${JSON.stringify(beat)}}}`],
    ["INVALID_MESSAGE"],
  ],
  [
    "a prototype beside the data",
    [`{"type":"heartbeat","id":"a","data":{"node_id":"${attackerId}","status":"x","__proto__":{"admin":true}}}`],
    ["heartbeat_ack"],
  ],
  [
    "the fields in the prototype",
    [`{"type":"heartbeat","id":"a","data":{"__proto__":{"node_id":"${attackerId}","status":"x"}}}`],
    ["INVALID_MESSAGE"],
  ],
  [
    "the type twice: the last one counts",
    [`{"type":"nonsense","type":"heartbeat","id":"a","data":${JSON.stringify(beat)}}`],
    ["heartbeat_ack"],
  ],
  ["fields that nobody knows", [message("heartbeat", { ...beat, admin: true }, { role: "admin" })], ["heartbeat_ack"]],
  ["data nested 50,000 deep", [`{"type":"heartbeat","id":"a","data":${nestedObjects(50_000)}}`], ["INVALID_MESSAGE"]],
  [
    "metrics nested 50,000 deep",
    [`{"type":"heartbeat","id":"a","data":{"node_id":"${attackerId}","status":"x","metrics":${nested(50_000)}}}`],
    ["heartbeat_ack"],
  ],
  ["19 faults", times(19, "{"), times(19, "PARSE_ERROR")],
  ["20 faults", times(20, "{"), [...times(20, "PARSE_ERROR"), "close 1008"]],
];

test("texts and envelopes that are wrong are answered, and nobody else notices", async (t) => {
  const scene = await startScene(t);
  const { node, guest } = nodeAttackers(t, scene);
  await provoke(t, scene, { attacker: node, table: [...texts, ...envelopes] });
  await provoke(t, scene, {
    attacker: guest,
    table: [
      ["a broken text", ["{"], ["PARSE_ERROR"]],
      ["a binary frame", [Buffer.from([1, 0, 0, 0, 1])], ["INVALID_MESSAGE"]],
      ["2 MiB", ["x".repeat(2 * megabyte)], ["close 1009"]],
      ["20 faults", times(20, "{"), [...times(20, "PARSE_ERROR"), "close 1008"]],
    ],
  });
});
