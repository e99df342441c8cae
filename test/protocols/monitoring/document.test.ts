import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  parseAgentMessage,
  parseDashboardMessage,
  parseServerMessage,
  sentences,
} from "../../../src-main/protocols/monitoring/messages.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/protocols/monitoring.md"), "utf8");
const examples = Array.from(document.matchAll(/```json\n([\s\S]*?)```/g), ([, text]) => text ?? "");
const toDashboards = ["metrics", "log", "alert"];

test("every example of monitoring.md is a message of the protocol", () => {
  assert.ok(examples.length >= 10, `${examples.length} examples`);
  for (const example of examples) {
    const { type, data } = JSON.parse(example) as { readonly type: string; readonly data?: object };
    const known = [parseAgentMessage, parseServerMessage, parseDashboardMessage].some((parse) => parse(example));
    assert.ok(known || (toDashboards.includes(type) && typeof data === "object"), example);
  }
});

test("monitoring.md has an example of every message that carries something", () => {
  const types = new Set(examples.map((example) => (JSON.parse(example) as { readonly type: string }).type));
  const carried = ["auth", "auth_success", "metrics", "command", "command_response"];
  for (const type of [...carried, "docker_command", "docker_response", "log", "alert"])
    assert.ok(types.has(type), type);
});

test("monitoring.md has every sentence that the protocol fixes", () => {
  for (const sentence of Object.values(sentences)) assert.ok(document.includes(sentence), sentence);
});
