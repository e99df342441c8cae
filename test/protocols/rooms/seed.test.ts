import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainDevice } from "../../support/plainDevice.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

async function startRoom(t: TestContext) {
  const core = await startCore(t);
  const { token } = await core.core.roomTokens.create({ createdBy: "test" });
  const url = `${core.wsUrl}/websocket`;
  return { core, token, url, join: () => PlainDevice.join(t, url, token) };
}

test("every message of the document, as it is printed there", async (t) => {
  const { url, token } = await startRoom(t);
  const device = await PlainDevice.connect(t, url);
  device.send(`{
    "cmd": "init",
    "token": "${token}"
}`);
  const { session_id: sessionId, ...answer } = await device.next();
  assert.deepEqual(answer, { cmd: "init", code: "1", extra: {} });
  assert.match(String(sessionId), /^\S+$/);

  device.send(`{
    "cmd": "checkDevice"
}`);
  assert.deepEqual(await device.next(), { cmd: "checkDevice", code: "0", extra: {} });

  const other = await PlainDevice.connect(t, url);
  other.send({ cmd: "init", token });
  assert.equal((await other.next())["session_id"], sessionId, "both are in the same room");
  device.send(`{
    "cmd": "checkDevice"
}`);
  assert.deepEqual(await device.next(), { cmd: "checkDevice", code: "1", extra: {} });

  const execute = `{
    "cmd": "execute",
    "extra": {
        "command": "your_command_here"
    }
}`;
  device.send(execute);
  assert.equal(await other.nextText(), execute, "as it was sent, to the last blank");

  const result = `{
    "cmd": "execute_result",
    "extra": {
        "data": "result_data_here"
    }
}`;
  other.send(result);
  assert.equal(await device.nextText(), result);

  device.send(`{
    "cmd": "Heartbeat",
    "code": "1",
    "extra": {}
}`);
  await device.roundTrip();
  assert.deepEqual(JSON.parse(device.texts.at(-1) ?? ""), { cmd: "Heartbeat", code: "1", extra: {} });
  assert.equal(await other.checkDevice(), "1", "nobody else was told");
});

test("the sender gets no answer and not its own message", async (t) => {
  const { join } = await startRoom(t);
  const [one, two] = [await join(), await join()];
  one.send({ cmd: "execute", extra: { command: "a" } });
  one.send({ cmd: "execute_result", extra: { data: "b" } });
  assert.equal(await one.checkDevice(), "1", "the next that it hears is the answer to what it asks");
  assert.deepEqual([(await two.next())["cmd"], (await two.next())["cmd"]], ["execute", "execute_result"]);
});

test("fields beside cmd instead of in extra are taken, and handed on unchanged", async (t) => {
  const { join } = await startRoom(t);
  const [one, two] = [await join(), await join()];
  for (const text of [
    '{"cmd":"execute","command":"dir"}',
    '{"cmd":"execute_result","data":"a\\u0062c","more":[1,2.50]}',
    '{"cmd":"execute_result","extra":{"data":""}}',
    '{"cmd":"execute_result","extra":{"data":{"lines":[1]}}}',
    '{"cmd":"execute"}',
  ]) {
    one.send(text);
    assert.equal(await two.nextText(), text);
  }
});

test("a result without data goes nowhere, and the connection goes on", async (t) => {
  const { join } = await startRoom(t);
  const [one, two] = [await join(), await join()];
  for (const extra of [undefined, {}, { data: null }, "data", ["data"], { command: "x" }]) {
    one.send({ cmd: "execute_result", extra });
  }
  one.send({ cmd: "execute_result", extra: { data: "last" } });
  assert.deepEqual((await two.next())["extra"], { data: "last" });
});

for (const [what, first] of [
  ["an unknown token", '{"cmd":"init","token":"your_token_here"}'],
  ["a token of another kind", '{"cmd":"init","token":"pkt_enrol_0a_x"}'],
  ["no token", '{"cmd":"init"}'],
  ["a number as token", '{"cmd":"init","token":123456}'],
  ["another message first", '{"cmd":"checkDevice"}'],
  ["what is no JSON", "hello"],
  ["a binary message", Buffer.from('{"cmd":"init"}')],
] as const) {
  test(`${what} is answered with code 0 and closed with 1008`, async (t) => {
    const { url } = await startRoom(t);
    const device = await PlainDevice.connect(t, url);
    device.send(first);
    const { cmd, code, extra } = await device.next();
    assert.deepEqual([cmd, code], ["init", "0"]);
    assert.match(String((extra as { readonly message: string }).message), /^[A-Z].+\.$/);
    assert.equal((await device.closed).code, 1008);
  });
}

test("what nobody knows is dropped, and the connection goes on", async (t) => {
  const { join, token } = await startRoom(t);
  const [one, two] = [await join(), await join()];
  const unknown = ['{"cmd":"reboot"}', "nonsense", "[]", "null", '{"cmd":7}', '{"cmd":"EXECUTE"}', ""];
  for (let round = 0; round < 20; round += 1) for (const text of unknown) one.send(text);
  one.send(Buffer.from([0, 1, 2]));
  one.send({ cmd: "init", token });
  assert.equal(await one.checkDevice(), "1");
  assert.equal(await two.checkDevice(), "1", "nothing of it was handed on");
});

test("what is sent in the same breath as init waits for its answer", async (t) => {
  const { url, token, join } = await startRoom(t);
  const two = await join();
  const one = await PlainDevice.connect(t, url);
  one.send({ cmd: "init", token });
  one.send({ cmd: "checkDevice" });
  one.send({ cmd: "execute", extra: { command: "early" } });
  assert.equal((await one.next())["cmd"], "init");
  assert.deepEqual(await one.next(), { cmd: "checkDevice", code: "1", extra: {} });
  assert.deepEqual((await two.next())["extra"], { command: "early" });
});
