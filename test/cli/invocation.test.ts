import assert from "node:assert/strict";
import { test } from "node:test";
import { helpText } from "../../src-main/cli/help.ts";
import { parseInvocation } from "../../src-main/cli/invocation.ts";
import { settingKeys } from "../../src-main/cli/settings.ts";
import { formatTable, printable } from "../../src-main/cli/table.ts";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

test("without words it runs; with words it is a subcommand", () => {
  assert.equal(parseInvocation([], {}).kind, "run");
  assert.equal(parseInvocation(["--core-only"], {}).kind, "run");
  const command = parseInvocation(["token", "create", "--uses", "3", "--data", "/d", "--json"], {});
  assert.equal(command.kind, "command");
  assert.deepEqual(command.words, ["token", "create"]);
  assert.deepEqual(command.options, { uses: "3", json: true });
  assert.deepEqual(command.settings, { data: { value: "/d", from: "--data" } });
});

test("help and version go before everything else", () => {
  for (const args of [["--help"], ["-h"], ["node", "list", "--help"], ["--help", "--version"]]) {
    assert.equal(parseInvocation(args, {}).kind, "help", args.join(" "));
  }
  assert.equal(parseInvocation(["--version", "node"], {}).kind, "version");
});

test("what stands behind -- is the command's own, whatever it looks like", () => {
  const { words, rest, options } = parseInvocation(["node", "exec", "n", "--", "ls", "--json", "--", "--help"], {});
  assert.deepEqual(
    [words, rest],
    [
      ["node", "exec", "n"],
      ["ls", "--json", "--", "--help"],
    ],
  );
  assert.deepEqual(options, {});
});

test("the configuration file: the command line goes before the environment", () => {
  assert.equal(parseInvocation([], { PICKET_CONFIG: "/e" }).configFile, "/e");
  assert.equal(parseInvocation(["--config", "/f"], { PICKET_CONFIG: "/e" }).configFile, "/f");
  assert.equal(parseInvocation([], {}).configFile, undefined);
});

test("unknown options are refused, also short ones", () => {
  for (const args of [["--nope"], ["-x"], ["--no-open=1"], ["--listen"]]) {
    assert.throws(() => parseInvocation(args, {}), UsageError, args.join(" "));
  }
});

test("the help names every setting and every subcommand, in lines that fit a terminal", () => {
  const text = helpText();
  for (const key of settingKeys) assert.match(text, new RegExp(`^  --${key}\\b`, "m"));
  for (const word of ["token create", "user create", "node exec", "node shell", "console", "config check", "--json"]) {
    assert.ok(text.includes(word), word);
  }
  for (const line of text.split("\n")) assert.ok(line.length <= 120, line);
});

test("a table is aligned, and ends no line with blanks", () => {
  const rows = [
    ["a", "", "1"],
    ["longer", "x", ""],
  ];
  assert.equal(formatTable(["NAME", "B", "C"], rows), "NAME    B  C\na          1\nlonger  x\n");
  assert.equal(formatTable(["NAME"], []), "NAME\n");
});

test("what came from a node or user cannot move the cursor of a terminal", () => {
  assert.equal(printable("a\u001b[2Jb\r\nc\u0000\u009b"), "a·[2Jb··c··");
  assert.equal(printable("机器 ü"), "机器 ü");
  assert.ok(!formatTable(["A"], [["\u001b]0;title\u0007"]]).includes("\u001b"));
});
