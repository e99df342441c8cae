import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, silentLogger } from "../../src-main/base/logger.ts";
import { LocalBus } from "../../src-main/bus/localBus.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";

failOnLeaks();

test("who subscribed to a topic hears it before publish returns, and nothing of other topics", () => {
  const bus = new LocalBus(silentLogger);
  const heard: unknown[] = [];
  bus.subscribe("token-changed", (payload) => heard.push(["first", payload]));
  bus.subscribe("token-changed", (payload) => heard.push(["second", payload]));
  bus.subscribe("user-changed", (payload) => heard.push(["user", payload]));
  bus.publish("token-changed", { tokenId: "t" });
  assert.deepEqual(heard, [
    ["first", { tokenId: "t" }],
    ["second", { tokenId: "t" }],
  ]);
});

test("a topic that nobody subscribed to is nobody's", () => {
  new LocalBus(silentLogger).publish("user-changed", { userId: "u" });
});

test("who unsubscribed hears nothing, not even in the middle of a publication", () => {
  const bus = new LocalBus(silentLogger);
  const heard: string[] = [];
  bus.subscribe("user-changed", () => {
    heard.push("first");
    second.dispose();
  });
  const second = bus.subscribe("user-changed", () => heard.push("second"));
  bus.publish("user-changed", { userId: "u" });
  bus.publish("user-changed", { userId: "u" });
  assert.deepEqual(heard, ["first", "first"]);
});

test("a listener that fails is logged with its topic and keeps nobody else from hearing", () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const bus = new LocalBus(createLogger({ level: "error", format: "json", clock: new ManualClock(), write }));
  let heard = 0;
  bus.subscribe("user-changed", () => {
    throw new Error("broken listener");
  });
  bus.subscribe("user-changed", () => {
    heard += 1;
  });
  bus.publish("user-changed", { userId: "u" });
  assert.equal(heard, 1);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /user-changed.*broken listener|broken listener.*user-changed/);
});
