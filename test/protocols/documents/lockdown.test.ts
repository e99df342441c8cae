import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, taskOf } from "../../support/documentScene.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword, startCore } from "../../support/startCore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

test("a lockdown refuses before anything else is looked at: also unknown actions and data that is not valid", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  assertAnswer(await scene.sysop.request("lockdown", { status: true }), 200, "Success", {});
  for (const [action, data] of [
    ["fly", {}],
    ["list_directory", null],
    ["shutdown", {}],
    ["lockdown", { status: false }],
    ["set_passwd", {}],
  ] as const) {
    assertAnswer(await user.request(action, data), 999, "lockdown", {});
  }
  assert.equal((await user.ask("{}")).code, 400, "a message without an action is no request yet");
  assertAnswer(await scene.sysop.request("lockdown", { status: false }), 200, "Success", {});
  assert.equal(await user.codeOf("fly"), 400);
});

test("the name of somebody who may pass it is not enough: the token is checked at the gate", async (t) => {
  const clock = new ManualClock(Date.now());
  const scene = await DocumentScene.open(t, { clock });
  const passer = await scene.user({ permissions: ["bypass_lockdown", "list_users"] });
  await scene.sysop.done("lockdown", { status: true });
  assert.equal(await passer.codeOf("list_users"), 200);
  const stranger = await scene.anonymous();
  for (const token of ["", "forged", scene.sysop.credentials.token]) {
    const { code } = await stranger.request("list_users", {}, { username: passer.credentials.username, token });
    assert.equal(code, 999);
  }
  clock.jump(3_601_000);
  assert.equal(await passer.codeOf("list_users"), 999, "a token that is expired passes nothing");
});

test("listeners are told at every call, in text, after the answer; nobody else is", async (t) => {
  const scene = await DocumentScene.open(t);
  const [listener, silent] = [await scene.anonymous(), await scene.anonymous()];
  assertAnswer(await listener.request("register_listener"), 200, "Registered as a listener", {});
  await scene.sysop.done("register_listener");
  for (const status of [true, true, false, false]) {
    scene.sysop.send({ action: "lockdown", data: { status }, ...scene.sysop.credentials });
    assertAnswer(await scene.sysop.nextAnswer(), 200, "Success", {});
    for (const client of [listener, scene.sysop]) {
      assert.deepEqual(await client.nextJson(), { action: "lockdown", status });
    }
  }
  assert.equal(await silent.codeOf("server_info"), 200, "the first that it hears is its answer");
  await listener.close();
  await scene.sysop.done("lockdown", { status: true });
});

test("whoever listened twice is told once", async (t) => {
  const scene = await DocumentScene.open(t);
  const listener = await scene.anonymous();
  for (let round = 0; round < 2; round += 1) await listener.done("register_listener");
  await scene.sysop.done("lockdown", { status: true });
  assert.deepEqual(await listener.nextJson(), { action: "lockdown", status: true });
  assert.equal(await listener.codeOf("server_info"), 200);
});

test("a lockdown that somebody switched otherwise is told as well", async (t) => {
  const scene = await DocumentScene.open(t);
  const listener = await scene.anonymous();
  await listener.done("register_listener");
  await scene.documents.lockdown.set(true, "console");
  assert.deepEqual(await listener.nextJson(), { action: "lockdown", status: true });
});

test("on and off both end the tasks that wait; whoever may pass makes new ones that work", async (t) => {
  const scene = await DocumentScene.open(t);
  const over = "Task is either not started yet or has already ended";
  for (const status of [true, false]) {
    const task_id = taskOf(await scene.sysop.done("create_document", { title: `before ${status}` }));
    await scene.sysop.done("lockdown", { status });
    assertAnswer(await scene.sysop.request("upload_file", { task_id }), 400, over, {});
    const made = taskOf(await scene.sysop.done("create_document", { title: `after ${status}` }));
    const stranger = await scene.anonymous();
    stranger.send({ action: "upload_file", data: { task_id: made } });
    assert.equal((await stranger.nextJson())["action"], "transfer_file", "the id is the credential");
  }
});

test("a lockdown ends with a restart, unless it was to stay", async (t) => {
  const dataFolder = temporaryFolder(t);
  for (const [persist, after] of [
    [undefined, false],
    [true, true],
  ] as const) {
    const core = await startCore(t, { dataFolder });
    const client = await PlainDocuments.signedIn(t, core.wsUrl, { password: adminPassword });
    await client.done("lockdown", { status: true, ...(persist === undefined ? {} : { persist }) });
    await core.close();
    const again = await startCore(t, { dataFolder });
    const other = await PlainDocuments.connect(t, again.wsUrl);
    assert.equal((await other.done("server_info"))["lockdown"], after);
    await again.close();
  }
});

test("shutdown stops the program once its answer is out", async (t) => {
  let stops = 0;
  const scene = await DocumentScene.open(t, {
    shutdown: () => {
      stops += 1;
    },
  });
  const user = await scene.user();
  assertAnswer(await user.request("shutdown", { anything: ["goes"] }), 403, "Permission denied", {});
  assertAnswer(await (await scene.anonymous()).request("shutdown", null), 401, "Authentication required", {});
  assert.equal(stops, 0);
  assertAnswer(await scene.sysop.request("shutdown", { now: true }), 200, "Server is shutting down", {});
  await eventually(() => stops === 1);
  const hasty = await scene.signIn("admin");
  hasty.send({ action: "shutdown", data: {}, ...hasty.credentials });
  hasty.socket.close();
  await eventually(() => stops === 2, { what: "the stop for somebody who did not wait for the answer" });
});
