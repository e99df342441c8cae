import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src-renderer/i18n/en.ts";
import { Formats } from "../../src-renderer/i18n/formats.ts";
import { factSections } from "../../src-renderer/views/node/facts/factSections.ts";
import { factName, factText } from "../../src-renderer/views/node/facts/factText.ts";

const words = { t: en, format: new Formats("en") };

test("what is said of a machine comes first, then its parts in their order, then what nobody here knows", () => {
  const sections = factSections({
    unheardOf: { a: 1 },
    network: [{ name: "eth0", ipv4: "192.0.2.1" }],
    agent: { version: "1.0", policy: { file: null, command_patterns: { allow: 2, deny: 0 } } },
    memory: { total: 1024 },
    hostname: "web-1",
    os: { platform: "linux" },
    disks: [],
    collected_at: "2026-01-01T00:00:00.000Z",
  });
  assert.deepEqual(
    sections.map(({ key }) => key),
    ["machine", "os", "memory", "agent", "unheardOf", "network"],
  );
  const [machine, , , agent] = sections;
  assert.deepEqual(machine, {
    kind: "list",
    key: "machine",
    facts: [
      { key: "hostname", value: "web-1" },
      { key: "disks", value: [] },
    ],
  });
  assert.deepEqual(agent?.kind === "list" && agent.facts.map(({ key }) => key), ["version", "file", "allow", "deny"]);
});

test("a table has the columns of all its rows", () => {
  const [table] = factSections({ disks: [{ name: "a" }, { name: "b", size: 5 }] });
  assert.deepEqual(table?.kind === "table" && table.columns, ["name", "size"]);
});

test("facts of any shape and size make a page that has an end", () => {
  const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index]));
  const long = Array.from({ length: 5_000 }, () => wide);
  const sections = factSections({ wide, long, deep: { a: { b: { c: { d: { e: 1 } } } } }, ...wide });
  const cells = sections.map((section) =>
    section.kind === "list" ? section.facts.length : section.columns.length * section.rows.length,
  );
  assert.ok(cells.reduce((sum, count) => sum + count, 0) < 5_000);
});

const texts: readonly { readonly key: string; readonly value: unknown; readonly text: string }[] = [
  { key: "total", value: 25_276_510_208, text: "23.5 GiB" },
  { key: "used", value: "not a number", text: "not a number" },
  { key: "cores", value: 8, text: "8" },
  { key: "speed", value: -1, text: "–" },
  { key: "virtual", value: true, text: "yes" },
  { key: "model", value: "", text: "–" },
  { key: "shells", value: null, text: "any" },
  { key: "capabilities", value: ["commands", "terminal"], text: "commands, terminal" },
  { key: "graphics", value: [], text: "none" },
  { key: "odd", value: [{ a: [1] }], text: '{"a":[1]}' },
];

for (const { key, value, text } of texts) {
  test(`the fact ${key} ${JSON.stringify(value)} reads ${text}`, () => assert.equal(factText(key, value, words), text));
}

test("a long value is cut", () => {
  assert.ok(factText("model", "x".repeat(100_000), words).length < 500);
});

test("what has no name here keeps its own, also when it is called like a part of every object", () => {
  assert.equal(factName("hostname", en), "Host name");
  assert.equal(factName("run_as", en), "Runs as");
  for (const key of ["unheardOf", "constructor", "__proto__", "toString"]) assert.equal(factName(key, en), key);
});
