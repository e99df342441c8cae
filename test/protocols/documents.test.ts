import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod/mini";
import { errorTable, isErrorCode } from "../../src-main/base/errors.ts";
import { channelMessages } from "../../src-main/protocols/machines/messages/channels.ts";
import { topics } from "../../src-main/protocols/machines/messages/connection.ts";
import { metricNames } from "../../src-main/protocols/machines/messages/nodes.ts";
import { pushes, type RequestType, requests } from "../../src-main/protocols/machines/messages.ts";
import { handlers } from "../../src-main/protocols/machines/requests/handlers.ts";
import { coreCapabilities } from "../../src-main/protocols/nodes/capabilities.ts";
import {
  type CoreToNode,
  type NodeToCore,
  parseCoreMessage,
  parseNodeMessage,
} from "../../src-main/protocols/nodes/messages.ts";
import { resetCode } from "../../src-main/wire/channels/frame.ts";

/** The cells of every table row of a document; the names in backquotes of the first one are what it is about. */
interface DocumentRow {
  readonly names: readonly string[];
  readonly cells: readonly string[];
}

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");

function rowsUnder(text: string, heading: string): readonly DocumentRow[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `") || /^\| \d/.test(line))
    .map((line) => line.slice(1, -1).split("|"))
    .map((cells) => ({ names: namesIn(cells[0] ?? ""), cells: cells.map((cell) => cell.trim()) }));
}

function namesIn(cell: string): readonly string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name ?? "");
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

const machines = read("protocols/machines.md");
const nodes = read("protocols/nodes.md");

test("machines.md has every request, and no other, with the role of its handler", () => {
  const documented = new Map(rowsUnder(machines, "Requests").flatMap((row) => row.names.map((name) => [name, row])));
  assert.deepEqual(sorted(documented.keys()), sorted(Object.keys(requests)));
  for (const [type, { role }] of Object.entries(handlers)) {
    assert.equal(documented.get(type)?.cells[1], type === "auth" ? "–" : role, type);
  }
});

test("machines.md names every field of every request, and says which may be left out", () => {
  const wrong: string[] = [];
  for (const { names, cells } of rowsUnder(machines, "Requests")) {
    const fields = namesIn(cells[2] ?? "").filter((name) => !name.startsWith('"'));
    if (cells[2] === "see above" || cells[2]?.includes("…")) continue;
    for (const name of names) {
      const written = sorted(fields);
      const real = sorted(fieldsOf(name as RequestType));
      if (written.join() !== real.join()) wrong.push(`${name}: ${written.join()} instead of ${real.join()}`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** The names of a request's fields; one that may be left out ends in a question mark. */
function fieldsOf(type: RequestType): readonly string[] {
  const { shape } = requests[type].params.def as unknown as { readonly shape: Readonly<Record<string, z.ZodMiniType>> };
  return Object.entries(shape).map(([name, field]) => `${name}${z.safeParse(field, undefined).success ? "?" : ""}`);
}

test("machines.md has every topic and every push", () => {
  const documented = rowsUnder(machines, "Subscriptions").flatMap(({ names }) => names);
  assert.deepEqual(sorted(documented.filter((name) => name !== "nodeId")), sorted(topics));
  assert.deepEqual(
    Object.keys(pushes).filter((name) => !machines.includes(`\`${name} {`)),
    [],
  );
});

/** A type that is not here does not compile. */
const messageTypes: Readonly<Record<NodeToCore["type"] | CoreToNode["type"], "node" | "core" | "both">> = {
  node_register: "node",
  register_response: "core",
  heartbeat: "node",
  heartbeat_ack: "core",
  execute_command: "core",
  command_started: "node",
  command_result: "node",
  command_received: "core",
  error: "both",
  welcome: "core",
  challenge: "core",
  challenge_response: "node",
  cancel_command: "core",
  set_metrics_interval: "core",
  inventory: "node",
  inventory_received: "core",
  log_batch: "node",
  log_received: "core",
  terminal_resize: "core",
  node_request: "core",
  node_response: "node",
  containers: "node",
  container_event: "node",
  channel_open: "both",
  channel_opened: "both",
  channel_rejected: "both",
  channel_result: "both",
};

test("nodes.md has every message, and says who sends it", () => {
  const rows = [...rowsUnder(nodes, "Messages"), ...rowsUnder(nodes, "The extension")];
  const documented = new Map(rows.map(({ names, cells }) => [names[0] ?? "", cells[1]]));
  const elsewhere = ["welcome", "inventory_received", ...Object.keys(channelMessages)];
  for (const [type, from] of Object.entries(messageTypes)) {
    if (elsewhere.includes(type) && type !== "channel_open")
      assert.ok(`${nodes}${read("protocols/channels.md")}`.includes(`\`${type}\``), type);
    else assert.equal(documented.get(type), from, type);
    const isKnown = (parse: typeof parseNodeMessage | typeof parseCoreMessage): boolean => {
      const parsed = parse(JSON.stringify({ type, id: "a", data: null }));
      return parsed.ok || parsed.error.code !== "UNKNOWN_MESSAGE_TYPE";
    };
    assert.deepEqual([isKnown(parseNodeMessage), isKnown(parseCoreMessage)], [from !== "core", from !== "node"], type);
  }
  assert.deepEqual(
    [...documented.keys()].filter((type) => !Object.hasOwn(messageTypes, type)),
    [],
  );
});

test("nodes.md has every metric and every capability", () => {
  for (const name of [...metricNames, ...coreCapabilities]) assert.match(nodes, new RegExp(`[\`"]${name}[\`"]`), name);
});

test("channels.md has every message and every reset code", () => {
  const channels = read("protocols/channels.md");
  for (const type of Object.keys(channelMessages)) assert.ok(channels.includes(`| \`${type}\` |`), type);
  const codes = Array.from(channels.matchAll(/^\| (\d) \| [^|]*\|$/gm), ([, code]) => Number(code));
  assert.deepEqual(codes, Object.values(resetCode));
});

test("the codes in the protocols' documents are codes, and errors.md says of each what the program says", () => {
  for (const text of [machines, nodes]) {
    const codes = Array.from(text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g), ([, code]) => code ?? "");
    assert.deepEqual(
      codes.filter((code) => !isErrorCode(code)),
      [],
    );
  }
  const rows = read("errors.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.slice(2, -2).split(" | "));
  const entries = Object.entries(errorTable).map(([code, { retryable, status, message, remedy }]) => [
    `\`${code}\``,
    retryable ? "yes" : "no",
    String(status),
    message,
    remedy,
  ]);
  assert.deepEqual(rows, entries);
});
