import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseDeviceMessage, parseRelayMessage } from "../../../src-main/protocols/rooms/messages.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/protocols/rooms.md"), "utf8");

test("every example of the document is a message of one side or the other", () => {
  const examples = Array.from(document.matchAll(/```json\n([\s\S]*?)```/g), ([, example]) => example ?? "");
  assert.ok(examples.length >= 7, `${examples.length} examples`);
  for (const example of examples) {
    assert.ok(parseDeviceMessage(example).ok || parseRelayMessage(example).ok, example);
  }
});

test("what a device reads of the examples", () => {
  const read = (text: string): unknown => {
    const parsed = parseRelayMessage(text);
    return parsed.ok ? parsed.value : parsed.error;
  };
  const refusal = { cmd: "init", accepted: false, sessionId: undefined, later: false };
  assert.deepEqual(read('{"cmd":"init","code":"0","extra":{"message":"no"}}'), { ...refusal, message: "no" });
  assert.deepEqual(read('{"cmd":"init","code":0}'), { ...refusal, message: "" });
  assert.deepEqual(read('{"cmd":"init","code":"0","extra":{"message":"full","reason":"later"}}'), {
    ...refusal,
    message: "full",
    later: true,
  });
  assert.deepEqual(read('{"cmd":"init","code":"1","session_id":"a"}'), {
    ...refusal,
    accepted: true,
    sessionId: "a",
    message: "",
  });
  assert.deepEqual(read('{"cmd":"checkDevice","code":1}'), { cmd: "checkDevice", others: true });
  assert.deepEqual(read('{"cmd":"checkDevice","code":{"toString":1}}'), { cmd: "checkDevice", others: false });
  assert.deepEqual(read('{"cmd":"execute","command":"a"}'), { cmd: "execute", command: "a" });
  assert.deepEqual(read('{"cmd":"execute","command":"b","extra":{"command":"a"}}'), { cmd: "execute", command: "a" });
  assert.deepEqual(read('{"cmd":"execute_result","data":[1]}'), { cmd: "execute_result", data: "[1]" });
  assert.equal(read('{"cmd":"execute_result"}'), "execute_result without data");
  assert.equal(read('{"cmd":"reboot"}'), 'cmd: "reboot" is not known');
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  assert.equal(read(`{"cmd":"execute_result","data":${deep}}`), "execute_result without data");
});
