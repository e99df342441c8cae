import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { attackerId, message, nodeAttackers } from "./attackers.ts";
import { type Provocation, provoke } from "./provoke.ts";
import { quiet, startScene } from "./scene.ts";
import { frame, loneSurrogate, nested, windowOf } from "./shapes.ts";

failOnLeaks();

const beat = (data: object): object => message("heartbeat", { node_id: attackerId, status: "online", ...data });
const registration = { node_id: attackerId, hostname: "host", ip_address: "192.0.2.9" };
const register = (data: object): object => message("node_register", { ...registration, ...data });
const outcome = { exit_code: 0, stdout: "forged", stderr: "", execution_time_ms: 1 };
const result = (data: object): object => message("command_result", { command_id: "unknown", ...outcome, ...data });

const identities: readonly Provocation[] = [
  ["a heartbeat of another node", [beat({ node_id: quiet.node, metrics: { cpu_usage: 99 } })], ["INVALID_MESSAGE"]],
  ["a registration as another node", [register({ node_id: quiet.node })], ["INVALID_MESSAGE"]],
  ["a heartbeat of a node that is not there", [beat({ node_id: "nobody" })], ["INVALID_MESSAGE"]],
  ["a heartbeat of a node with a path as id", [beat({ node_id: "../../etc" })], ["INVALID_MESSAGE"]],
  ["a heartbeat without node", [message("heartbeat", { status: "online" })], ["INVALID_MESSAGE"]],
  ["an empty node id", [beat({ node_id: "" })], ["INVALID_MESSAGE"]],
  ["a node id of 129 characters", [beat({ node_id: "a".repeat(129) })], ["INVALID_MESSAGE"]],
  ["a node id with a zero byte", [beat({ node_id: `${quiet.node}\u0000` })], ["INVALID_MESSAGE"]],
  ["a node id in another case", [beat({ node_id: quiet.node.toUpperCase() })], ["INVALID_MESSAGE"]],
  ["a list of node ids", [beat({ node_id: [attackerId, quiet.node] })], ["INVALID_MESSAGE"]],
  ["null as node id", [beat({ node_id: null })], ["INVALID_MESSAGE"]],
  [
    "the result of another node's command",
    ({ quietCommand }) => [result({ command_id: quietCommand })],
    ["command_received"],
  ],
  [
    "the start of another node's command",
    ({ quietCommand }) => [message("command_started", { command_id: quietCommand })],
    [],
  ],
  [
    "the refusal of another node's command",
    ({ quietCommand }) => [message("error", { error_code: "FORBIDDEN_BY_POLICY" }, { id: quietCommand })],
    [],
  ],
  ["the result of a command that is not there", [result({})], ["command_received"]],
  [
    "an answer to a challenge that nobody asked",
    [message("challenge_response", { signature: "AAAA" })],
    ["INVALID_MESSAGE"],
  ],
];

const fields: readonly Provocation[] = [
  ["a status that is a number", [beat({ status: 1 })], ["INVALID_MESSAGE"]],
  ["a status of 65 characters", [beat({ status: "x".repeat(65) })], ["INVALID_MESSAGE"]],
  ["a status of half a character", [beat({ status: loneSurrogate })], ["heartbeat_ack"]],
  ["metrics that are a list", [beat({ metrics: [1, 2, 3] })], ["heartbeat_ack"]],
  ["metrics of 1e308", [beat({ metrics: { cpu_usage: 1e308, uptime: 1e308, network_rx: 1e308 } })], ["heartbeat_ack"]],
  ["metrics that are texts", [beat({ metrics: { cpu_usage: "NaN", memory_usage: "1e999" } })], ["heartbeat_ack"]],
  ["a registration without host name", [message("node_register", { ip_address: "1" })], ["INVALID_MESSAGE"]],
  ["an empty host name", [register({ hostname: "" })], ["INVALID_MESSAGE"]],
  ["a host name of 256 characters", [register({ hostname: "x".repeat(256) })], ["INVALID_MESSAGE"]],
  ["a host name that is an object", [register({ hostname: { toString: 1 } })], ["INVALID_MESSAGE"]],
  ["a host name with markup", [register({ hostname: "<script>alert(1)</script>" })], ["register_response"]],
  ["a host name of half a character", [register({ hostname: loneSurrogate })], ["register_response"]],
  ["an address that is a list", [register({ ip_address: ["192.0.2.1"] })], ["INVALID_MESSAGE"]],
  ["an operating system of 513 characters", [register({ os_info: "x".repeat(513) })], ["INVALID_MESSAGE"]],
  ["an extension that is true", [register({ picket: true })], ["INVALID_MESSAGE"]],
  ["an extension without version", [register({ picket: { capabilities: [] } })], ["INVALID_MESSAGE"]],
  ["65 capabilities", [register({ picket: { version: 1, capabilities: Array(65).fill("a") } })], ["INVALID_MESSAGE"]],
  ["capabilities as a text", [register({ picket: { version: 1, capabilities: "terminal" } })], ["INVALID_MESSAGE"]],
  [
    "a key that is no key",
    [register({ picket: { version: 1, capabilities: [], public_key: "AAAA" } })],
    ["INVALID_MESSAGE"],
  ],
  ["a result without exit code", [result({ exit_code: undefined })], ["INVALID_MESSAGE"]],
  ["an exit code of 0.5", [result({ exit_code: 0.5 })], ["INVALID_MESSAGE"]],
  ["an exit code of 1e308", [result({ exit_code: 1e308 })], ["INVALID_MESSAGE"]],
  ["an exit code that is a text", [result({ exit_code: "0" })], ["INVALID_MESSAGE"]],
  ["an output that is a list", [result({ stdout: ["a"] })], ["INVALID_MESSAGE"]],
  ["a negative time", [result({ execution_time_ms: -1 })], ["INVALID_MESSAGE"]],
  ["an empty command id", [result({ command_id: "" })], ["INVALID_MESSAGE"]],
  ["a command id that is a number", [message("command_started", { command_id: 7 })], ["INVALID_MESSAGE"]],
  ["an error without code", [message("error", { message: "oops" })], ["INVALID_MESSAGE"]],
  ["an error about nothing", [message("error", { error_code: "__proto__", message: "oops", details: { a: 1 } })], []],
  ["an error code of 65 characters", [message("error", { error_code: "X".repeat(65) })], ["INVALID_MESSAGE"]],
];

const plainChannels: readonly Provocation[] = [
  ["a binary frame out of the blue", [frame(1, 2, "data")], ["INVALID_MESSAGE"]],
  ["an empty binary frame", [Buffer.alloc(0)], ["INVALID_MESSAGE"]],
  [
    "a channel without the extension",
    [message("channel_open", { channel: 1, kind: "exec", params: {}, window: 1 })],
    ["INVALID_MESSAGE"],
  ],
  ["the answer to an open", [message("channel_opened", { channel: 2, window: 1, result: {} })], ["INVALID_MESSAGE"]],
  ["facts without the extension", [message("inventory", { facts: "none" })], ["INVALID_MESSAGE"]],
];

const channels: readonly Provocation[] = [
  [
    "a channel of its own",
    [message("channel_open", { channel: 1, kind: "exec", params: {}, window: 1 })],
    ["channel_rejected"],
  ],
  [
    "a channel with the number 0",
    [message("channel_open", { channel: 0, kind: "exec", params: {}, window: 1 })],
    ["INVALID_MESSAGE"],
  ],
  [
    "a channel with the number 2^32",
    [message("channel_open", { channel: 2 ** 32, kind: "x", params: {}, window: 1 })],
    ["INVALID_MESSAGE"],
  ],
  [
    "a channel with the number 1.5",
    [message("channel_open", { channel: 1.5, kind: "x", params: {}, window: 1 })],
    ["INVALID_MESSAGE"],
  ],
  ["the answer to an open that was not asked", [message("channel_opened", { channel: 2, window: 1, result: {} })], []],
  [
    "an open with a window of -1",
    [message("channel_opened", { channel: 2, window: -1, result: {} })],
    ["INVALID_MESSAGE"],
  ],
  ["an open with a window of 2^32", [message("channel_opened", { channel: 2, window: 2 ** 32 })], ["INVALID_MESSAGE"]],
  ["a rejection that was not asked", [message("channel_rejected", { channel: 2, error_code: "x" })], []],
  ["a result of no channel", [message("channel_result", { channel: 4, result: { exit_code: 0 } })], []],
  ["a result that is a list", [message("channel_result", { channel: 4, result: [] })], ["INVALID_MESSAGE"]],
  ["data for an unknown channel", [frame(1, 2, "data")], ["reset 2: 4"]],
  ["data for an unknown channel, twice", [frame(1, 2, "data"), frame(1, 2, "data")], ["reset 2: 4"]],
  ["a window for an unknown channel", [frame(2, 6, windowOf(0xffffffff))], ["reset 6: 4"]],
  ["the end of an unknown channel", [frame(3, 8)], ["reset 8: 4"]],
  ["the reset of an unknown channel", [frame(4, 8, "\u0001gone")], []],
  ["data for channel 0", [frame(1, 0, "data")], ["reset 0: 4"]],
  ["an empty frame", [Buffer.alloc(0)], ["close 1002"]],
  ["a frame of four bytes", [Buffer.from([1, 0, 0, 0])], ["close 1002"]],
  ["a frame of type 0", [frame(0, 2, "x")], ["close 1002"]],
  ["a frame of type 255", [frame(255, 2, "x")], ["close 1002"]],
  ["more than 64 KiB in a frame", [frame(1, 2, Buffer.alloc(65_537))], ["close 1002"]],
  ["a window of three bytes", [frame(2, 2, "abc")], ["close 1002"]],
  ["an end with a body", [frame(3, 2, "x")], ["close 1002"]],
  ["a reset without code", [frame(4, 2)], ["close 1002"]],
  ["a reset with a reason of 2,000 bytes", [frame(4, 2, "x".repeat(2_000))], ["close 1002"]],
  ["a reset whose reason is no UTF-8", [frame(4, 2, Buffer.from([1, 0xff, 0xfe, 0xc0]))], []],
  ["facts that are a list", [message("inventory", { facts: [] })], ["INVALID_MESSAGE"]],
  ["facts that are a text", [message("inventory", { facts: "none" })], ["INVALID_MESSAGE"]],
  [
    "facts with a prototype",
    ['{"type":"inventory","id":"a","data":{"facts":{"__proto__":{"a":1},"constructor":1}}}'],
    ["inventory_received"],
  ],
  [
    "facts nested 100,000 deep",
    [`{"type":"inventory","id":"a","data":{"facts":{"a":${nested(100_000)}}}}`],
    ["INVALID_MESSAGE"],
  ],
  [
    "a registration with fewer capabilities than before",
    [register({ picket: { version: 1, capabilities: [] } })],
    ["register_response"],
  ],
];

test("a plain node can speak for itself only", async (t) => {
  const scene = await startScene(t);
  const { node } = nodeAttackers(t, scene);
  await provoke(t, scene, { attacker: node, table: [...identities, ...fields, ...plainChannels] });
});

test("a node that was only welcomed can do nothing that needs a registration", async (t) => {
  const scene = await startScene(t);
  const { guest } = nodeAttackers(t, scene);
  await provoke(t, scene, {
    attacker: guest,
    table: [
      ["a heartbeat", [beat({ metrics: { cpu_usage: 1 } })], ["NODE_NOT_FOUND"]],
      ["a heartbeat of another node", [beat({ node_id: quiet.node })], ["INVALID_MESSAGE"]],
      ["a registration as another node", [register({ node_id: quiet.node })], ["INVALID_MESSAGE"]],
      ["the start of a command", [message("command_started", { command_id: "a" })], ["NODE_NOT_FOUND"]],
      [
        "the result of another node's command",
        ({ quietCommand }) => [result({ command_id: quietCommand })],
        ["NODE_NOT_FOUND"],
      ],
      ["facts", [message("inventory", { facts: { a: 1 } })], ["NODE_NOT_FOUND"]],
      ["an error", [message("error", { error_code: "FORBIDDEN_BY_POLICY" })], []],
      [
        "a channel",
        [message("channel_open", { channel: 1, kind: "exec", params: {}, window: 1 })],
        ["INVALID_MESSAGE"],
      ],
    ],
  });
});

test("a node with the extension cannot reach beyond its own channels", async (t) => {
  const scene = await startScene(t);
  const { extended } = nodeAttackers(t, scene);
  await provoke(t, scene, { attacker: extended, table: [...identities, ...channels] });
});
