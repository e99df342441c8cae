import assert from "node:assert/strict";
import { test } from "node:test";
import { PromptHistory } from "../../src-renderer/rooms/promptHistory.ts";
import { agentLine } from "../../src-renderer/views/rooms/agentLine.ts";

test("the arrow keys go through what was sent, and back to what was being typed", () => {
  const history = new PromptHistory();
  assert.deepEqual([history.older("draft"), history.newer()], [undefined, undefined]);
  for (const command of ["one", "two", "two", "three"]) history.add(command);
  assert.deepEqual(
    [history.older("draft"), history.older("three"), history.older("two"), history.older("one")],
    ["three", "two", "one", undefined],
  );
  assert.deepEqual(
    [history.newer(), history.newer(), history.newer(), history.newer()],
    ["two", "three", "draft", undefined],
  );
  history.older("draft");
  history.add("four");
  assert.deepEqual([history.newer(), history.older("")], [undefined, "four"]);
});

test("of very many commands the newest are kept", () => {
  const history = new PromptHistory();
  for (let index = 0; index < 1_000; index += 1) history.add(`${index}`);
  let oldest: string | undefined;
  for (let found = history.older(""); found !== undefined; found = history.older("")) oldest = found;
  assert.equal(oldest, "900");
});

test("the line that puts a machine into a room", () => {
  assert.equal(
    agentLine({ relay: "wss://core.example/websocket", token: "pkt_room_1_x" }),
    "npm run -s picket -- --agent-only --server wss://core.example/websocket --protocol rooms --token pkt_room_1_x",
  );
});
