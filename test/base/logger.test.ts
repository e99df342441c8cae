import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type LogFormat, type LogLevel, logLevels, silentLogger } from "../../src-main/base/logger.ts";
import { ManualClock } from "../support/manualClock.ts";

function logged(format: LogFormat, level: LogLevel = "debug") {
  const lines: string[] = [];
  const logger = createLogger({ level, format, clock: new ManualClock(), write: (line) => lines.push(line) });
  return { logger, lines };
}

for (const level of logLevels) {
  test(`at the level ${level} nothing below it is written`, () => {
    const { logger, lines } = logged("text", level);
    for (const each of logLevels) logger[each](`a line of ${each}`);
    const written = logLevels.slice(logLevels.indexOf(level));
    assert.equal(lines.length, written.length);
    for (const each of logLevels) assert.equal(logger.enabled(each), written.includes(each));
  });
}

test("a line of text has time, level, scope, message and fields", () => {
  const { logger, lines } = logged("text");
  logger.child("wire").warn("something happened", { node: "node-1", count: 3, ok: false, what: "two words" });
  logger.info("bare");
  assert.deepEqual(lines, [
    '2026-03-01T12:00:00.000Z WARN  wire: something happened node=node-1 count=3 ok=false what="two words"',
    "2026-03-01T12:00:00.000Z INFO  bare",
  ]);
});

test("a line of JSON is one object with the same", () => {
  const { logger, lines } = logged("json");
  logger.child("wire").error("something happened", { count: 3, nested: { a: [1, null] } });
  assert.deepEqual(JSON.parse(lines[0] ?? ""), {
    time: "2026-03-01T12:00:00.000Z",
    level: "error",
    scope: "wire",
    message: "something happened",
    count: 3,
    nested: { a: [1, null] },
  });
});

test("a field cannot take the place of the line's own time, level, scope or message", () => {
  const { logger, lines } = logged("json");
  const forged = { time: "never", level: "debug", message: "all is well", scope: "nobody", count: 1 };
  logger.child("wire").error("a failure", forged);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.equal(line["time"], "2026-03-01T12:00:00.000Z");
  assert.equal(line["level"], "error");
  assert.equal(line["scope"], "wire");
  assert.equal(line["message"], "a failure");
  assert.equal(line["count"], 1);
});

const forgeries: readonly (readonly [what: string, text: string])[] = [
  ["a line end", "x\n2026-03-01T12:00:00.000Z ERROR core: forged"],
  ["a carriage return", "x\rforged"],
  ["an escape sequence", "\u001b[2J\u001b[31mforged"],
  ["an escape sequence of one byte", "\u009b2Jforged"],
  ["a backspace", "x\b\bforged"],
  ["a line separator of Unicode", "x\u2028forged\u2029again\u0085"],
  ["text that runs backwards", "x\u202edegrof"],
];

for (const format of ["text", "json"] as const) {
  for (const [what, text] of forgeries) {
    test(`${what} in a field or a message forges no ${format} line`, () => {
      const { logger, lines } = logged(format);
      logger.info(`says ${text}`, { value: text, nested: { deep: text, list: [text] } });
      assert.equal(lines.length, 1);
      assert.doesNotMatch(lines[0] ?? "", /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    });
  }
}

for (const format of ["text", "json"] as const) {
  test(`secrets do not get into a ${format} line, neither by a field nor by the message`, () => {
    const { logger, lines } = logged(format);
    logger.info("dialing wss://core/ws?token=hidden-one&node_id=n failed for pkt_enrol_0a1b_hidden-two", {
      password: "hidden-three",
      message: { data: { refresh_token: "hidden-four", text: "pkt_refresh_0a1b_hidden-five" } },
    });
    assert.doesNotMatch(lines.join("\n"), /hidden/);
    assert.match(lines.join("\n"), /node_id=n/);
  });
}

test("a value that is undefined, null or an error does not break the line", () => {
  const { logger, lines } = logged("text");
  logger.info("odd", { none: undefined, nothing: null, list: [] });
  assert.deepEqual(lines, ["2026-03-01T12:00:00.000Z INFO  odd none=null nothing=null list=[]"]);
});

test("the silent logger writes nothing and is its own child", () => {
  for (const level of logLevels) {
    silentLogger.child("any")[level]("nothing");
    assert.equal(silentLogger.enabled(level), false);
  }
});
