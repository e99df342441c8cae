import assert from "node:assert/strict";
import { test } from "node:test";
import { journald } from "../../../src-main/agent/logs/journald.ts";
import { cutMessage, maxMessageBytes } from "../../../src-main/agent/logs/lineLimits.ts";
import { LineSplitter } from "../../../src-main/agent/logs/lineSplitter.ts";
import { macLog } from "../../../src-main/agent/logs/macLog.ts";
import { guessLevel } from "../../../src-main/agent/logs/parseLevel.ts";
import { readPlainLine } from "../../../src-main/agent/logs/plainLine.ts";
import { windowsLog } from "../../../src-main/agent/logs/windowsLog.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

test("bytes become lines, however they are cut and wherever a character is split", () => {
  const bytes = new TextEncoder().encode("one\r\nzwölf 十二\n\nlast");
  for (const size of [1, 2, 3, 7, 100]) {
    const splitter = new LineSplitter(1024);
    const lines: string[] = [];
    const ends: number[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      splitter.push(Buffer.from(bytes.subarray(at, at + size)), ({ text, end }) => {
        lines.push(text);
        ends.push(end);
      });
    }
    splitter.flush(({ text }) => lines.push(text));
    assert.deepEqual(lines, ["one", "zwölf 十二", "", "last"], `in pieces of ${size}`);
    assert.deepEqual(ends, [5, 19, 20]);
  }
});

test("a message of any length becomes one that may be sent, and says what is missing", () => {
  assert.equal(cutMessage("short"), "short");
  const long = cutMessage("ü".repeat(20_000));
  assert.match(long, /^ü+ … \[23616 bytes more\]$/);
  assert.ok(new TextEncoder().encode(long).length <= maxMessageBytes + 64);
});

test("the level of a line is the first word near its beginning that names one", () => {
  const cases = [
    ["2026-03-01 12:00:00 ERROR something", "error"],
    ["[warn] low disk", "warning"],
    ["level=debug msg=x", "debug"],
    ["FATAL: no such database", "critical"],
    ["NOTICE: table exists", "notice"],
    ["plain words", "info"],
    ["error-prone code was used", "info"],
    [`${"x".repeat(200)} error`, "info"],
  ] as const;
  for (const [line, level] of cases) assert.equal(guessLevel(line), level, line);
});

test("a plain line has its own time when it begins with one, and now otherwise", () => {
  const iso = readPlainLine("2026-02-28T23:59:59.5Z web[7]: x", "/var/log/a.log", now);
  assert.equal(iso.time, Date.parse("2026-02-28T23:59:59.500Z"));
  const offset = readPlainLine("2026-02-28 23:59:59,123456 +0100 ERROR x", "/var/log/a.log", now);
  assert.deepEqual([offset.time, offset.level], [Date.parse("2026-02-28T22:59:59.123Z"), "error"]);
  assert.equal(readPlainLine("no time at all", "/var/log/a.log", now).time, now);
  assert.equal(readPlainLine("no time at all", "/var/log/a.log", now).source, "/var/log/a.log");
});

test("a line of syslog names its program, and is of the past", () => {
  const { time, source, message } = readPlainLine(
    "Mar  1 09:00:01 web sshd[812]: Accepted key",
    "/var/log/syslog",
    now,
  );
  assert.deepEqual([source, message], ["sshd", "Accepted key"]);
  assert.equal(new Date(time).getMonth(), 2);
  const lastYear = readPlainLine("Dec 31 23:59:59 web cron[1]: x", "/var/log/syslog", now);
  assert.equal(new Date(lastYear.time).getFullYear(), 2025);
});

test("entries of the journal are read, whatever kind their fields are", () => {
  const base = { __CURSOR: "s=1;i=2", __REALTIME_TIMESTAMP: "1767225600123456", PRIORITY: "3" };
  const read = (fields: object) => journald.read(JSON.stringify({ ...base, ...fields }));
  assert.deepEqual(read({ MESSAGE: "failed", _SYSTEMD_UNIT: "ssh.service", SYSLOG_IDENTIFIER: "sshd" }), {
    time: 1767225600123,
    level: "error",
    source: "ssh.service",
    message: "failed",
    position: "1767225600 s=1;i=2",
  });
  assert.equal(read({ MESSAGE: [104, 105, 255] })?.message, "hi\ufffd");
  assert.equal(read({ MESSAGE: ["first", "second"] })?.message, "first");
  assert.equal(read({ MESSAGE: "x", _SYSTEMD_UNIT: "session-1.scope", SYSLOG_IDENTIFIER: "sudo" })?.source, "sudo");
  assert.equal(read({ MESSAGE: null }), undefined);
  assert.equal(journald.read("-- No entries --"), undefined);
  assert.deepEqual(journald.command("1767225600 s=1;i=2").args.slice(-2), ["--after-cursor", "s=1;i=2"]);
  assert.equal(journald.afterLoss?.("1767225600 s=1;i=2"), "1767225600");
  assert.deepEqual(journald.command("1767225600").args.slice(-2), ["--since", "@1767225600"]);
});

test("entries of macOS's unified log are read", () => {
  const line =
    '{"traceID":1,"eventMessage":"denied","eventType":"logEvent","messageType":"Fault","timestamp":"2026-03-01 12:00:00.123456+0100","processImagePath":"\\/usr\\/libexec\\/trustd","subsystem":"com.apple.trust"}';
  assert.deepEqual(macLog.read(line), {
    time: Date.parse("2026-03-01T11:00:00.123Z"),
    level: "critical",
    source: "trustd",
    message: "denied",
    position: undefined,
  });
  assert.equal(macLog.read('Filtering the log data using "..."'), undefined);
});

test("events of Windows are read, and only numbers get into the script that asks for them", () => {
  const line =
    '{"time":1767225600123,"level":2,"provider":"Service Control Manager","position":{"System":812,"Application":7},"message":"A service failed.\\r\\n"}';
  assert.deepEqual(windowsLog.read(line), {
    time: 1767225600123,
    level: "error",
    source: "Service Control Manager",
    message: "A service failed.",
    position: '{"System":812,"Application":7}',
  });
  const { args } = windowsLog.command('{"System":"1;Remove-Item x","Application":7.9}');
  const script = Buffer.from(args.at(-1) ?? "", "base64").toString("utf16le");
  assert.match(script, /@\{'System'=0;'Application'=7\}/);
});
