import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedTurns } from "../../src-main/base/keyedTurns.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { nextTurn } from "../support/nextTurn.ts";

failOnLeaks();

test("tasks of one key run one after another in their order, those of others do not wait", async () => {
  const turns = new KeyedTurns();
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.run("a", async () => {
    events.push("a1 starts");
    await gate.promise;
    events.push("a1 ends");
    return 1;
  });
  const second = turns.run("a", async () => {
    events.push("a2");
    return 2;
  });
  await turns.run("b", async () => {
    events.push("b");
  });
  await nextTurn();
  assert.deepEqual(events, ["a1 starts", "b"]);
  gate.resolve();
  assert.deepEqual(await Promise.all([first, second]), [1, 2]);
  assert.deepEqual(events, ["a1 starts", "b", "a1 ends", "a2"]);
});

test("a task that fails tells its own caller and lets the next one run", async () => {
  const turns = new KeyedTurns();
  const failing = turns.run("a", () => Promise.reject(new Error("no")));
  const next = turns.run("a", async () => "yes");
  await assert.rejects(failing, /no/);
  assert.equal(await next, "yes");
  assert.equal(await turns.run("a", async () => "and later"), "and later");
});
