import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passRefusal } from "../../support/passRefusal.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword } from "../../support/startCore.ts";

failOnLeaks();

interface Entry {
  readonly id: number;
  readonly action: string;
  readonly username: string | null;
  readonly target: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly result: number;
  readonly remote_address: string | null;
  readonly logged_time: number;
}

async function entriesOf(client: PlainDocuments, data: object = {}): Promise<readonly Entry[]> {
  return (await client.done("view_audit_logs", data))["entries"] as readonly Entry[];
}

test("an entry says who, what, on what, with what outcome, from where and when", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id: folder } = await scene.sysop.done("create_directory", { name: "folder" });
  await scene.sysop.request("delete_directory", { folder_id: "0".repeat(64) });
  const [missing, made] = await entriesOf(scene.sysop);
  const { id, logged_time, ...rest } = made ?? assert.fail("no entry");
  assert.ok(Number.isInteger(id) && Math.abs(logged_time - Date.now() / 1000) < 60);
  assert.deepEqual(rest, {
    action: "create_directory",
    username: "admin",
    target: null,
    data: { title: "folder" },
    result: 0,
    remote_address: "127.0.0.1",
  });
  assert.deepEqual([missing?.target, missing?.result, missing?.action], ["0".repeat(64), 404, "delete_directory"]);
  await scene.sysop.done("create_directory", { name: "inner", parent_id: folder });
  assert.equal((await entriesOf(scene.sysop, { filters: ["create_directory"] }))[0]?.target, folder);
});

test("filters, pages, and a total that counts what the filters let through", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  for (let index = 0; index < 5; index += 1) {
    await sysop.done("create_group", { group_name: `group-${index}` });
    await sysop.done("list_groups");
  }
  const page = await sysop.done("view_audit_logs", { filters: ["create_group"], offset: 1, count: 2 });
  const { total, entries } = page;
  assert.equal(total, 5);
  assert.deepEqual(
    (entries as readonly Entry[]).map(({ target }) => target),
    ["group-3", "group-2"],
  );
  const both = await sysop.done("view_audit_logs", { filters: ["create_group", "list_groups"], count: 100 });
  assert.equal(both["total"], 10);
  assert.deepEqual((both["entries"] as readonly Entry[]).length, 10);
  const none = await sysop.done("view_audit_logs", { filters: ["fly"] });
  assert.deepEqual(none, { total: 0, entries: [] });
  const counted = await sysop.done("view_audit_logs", { count: 0 });
  assert.deepEqual(counted["entries"], []);
  assert.ok(Number(counted["total"]) > 10);
  const beyond = await sysop.done("view_audit_logs", { filters: ["create_group"], offset: 5 });
  assert.deepEqual(beyond, { total: 5, entries: [] });
  const [own] = await entriesOf(sysop, { filters: ["view_audit_logs"] });
  assert.deepEqual(own?.data, { offset: 5, entries_count: 50, filters: ["create_group"] });
});

test("who may not see the log is refused, and that is logged as well", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  assertAnswer(await user.request("view_audit_logs"), 403, "Access denied", {});
  const [entry] = await entriesOf(scene.sysop, { filters: ["view_audit_logs"] });
  assert.deepEqual([entry?.username, entry?.result], [user.credentials.username, 403]);
});

test("what happens to machines is not for those who may see this log", async (t) => {
  const scene = await DocumentScene.open(t);
  const { audit } = scene.core.core;
  await audit.append({ actor: "admin", action: "command-run", target: "node", outcome: "done", details: { a: 1 } });
  const reader = await scene.user({ permissions: ["view_audit_logs"] });
  for (const filters of [[], ["command-run"]]) {
    assert.ok((await entriesOf(reader, { filters, count: 100 })).every(({ action }) => action !== "command-run"));
  }
});

test("a login names who was tried; only a right one names who it was", async (t) => {
  const clock = new ManualClock(Date.now());
  const scene = await DocumentScene.open(t, { clock });
  const client = await scene.anonymous();
  await passRefusal(clock, () => client.request("login", { username: "admin", password: "guessed" }));
  await client.login("admin", adminPassword);
  const [right, wrong] = await entriesOf(scene.sysop, { filters: ["login"] });
  assert.deepEqual([right?.username, right?.target, right?.result, right?.data], ["admin", "admin", 0, null]);
  assert.deepEqual([wrong?.username, wrong?.target, wrong?.result, wrong?.data], [null, "admin", 401, null]);
});

test("no secret gets into the log: no password, token, code, or id of a task that can still be used", async (t) => {
  const clock = new ManualClock(Date.now());
  const scene = await DocumentScene.open(t, { clock });
  const { sysop } = scene;
  const secrets = ["first password", "second password", "987654", "third password"];
  await sysop.done("create_user", { username: "somebody", password: secrets[0] });
  await sysop.done("set_passwd", { username: "somebody", new_passwd: secrets[1] });
  await sysop.request("validate_2fa", { token: secrets[2] });
  await sysop.request("disable_2fa", { password: secrets[3] });
  const { token } = await sysop.done("refresh_token");
  const setUp = await sysop.done("setup_2fa");
  const task = taskOf(await sysop.done("create_document", { title: "paper" }));
  sysop.send({ action: "upload_file", data: { task_id: task } });
  await sysop.nextJson();
  sysop.send("nonsense");
  assert.equal((await sysop.nextAnswer()).code, 400);
  const records = JSON.stringify(await scene.core.core.audit.list({ limit: 500 }));
  const backupCodes = setUp["backup_codes"] as string[];
  const all = [...secrets, token, setUp["secret"], task, ...backupCodes, sysop.credentials.token];
  for (const secret of all) assert.equal(records.includes(String(secret)), false, String(secret));
  assert.ok(records.includes("upload_file") && records.includes("set_passwd"));
});

test("strangers do not fill the log; whoever is known is always in it", async (t) => {
  const scene = await DocumentScene.open(t);
  const stranger = await scene.anonymous();
  for (let round = 0; round < 200; round += 1) await stranger.request("list_users");
  for (let round = 0; round < 5; round += 1) await stranger.request("server_info");
  const { total } = await scene.sysop.done("view_audit_logs", { filters: ["list_users"] });
  assert.ok(Number(total) >= 40 && Number(total) <= 60, `${total} of 200`);
  for (let round = 0; round < 80; round += 1) await scene.sysop.request("list_groups");
  const known = await scene.sysop.done("view_audit_logs", { filters: ["list_groups"] });
  assert.equal(known["total"], 80);
  const asked = await scene.sysop.done("view_audit_logs", { filters: ["server_info"] });
  assert.equal(asked["total"], 0, "it is how clients see that the server is there");
});

test("the chain of the log holds, and endless data does not get into it", async (t) => {
  const scene = await DocumentScene.open(t);
  const nested = (depth: number): string => (depth === 0 ? "1" : `{"a":${nested(depth - 1)}}`);
  const { sysop } = scene;
  const rules = `{"action":"set_document_rules","data":{"document_id":"x","access_rules":{"read":[${nested(5_000)}]}},`;
  const { code } = await sysop.ask(`${rules}"username":"admin","token":"${sysop.credentials.token}"}`);
  assert.ok([400, 404].includes(code), `${code}`);
  const many = Array.from({ length: 1_000 }, (_, index) => `permission-${index}`);
  await sysop.done("create_group", { group_name: "many", permissions: many });
  const [entry] = await entriesOf(sysop, { filters: ["create_group"] });
  assert.equal(entry?.data?.["omitted"], "too long");
  assert.equal((await scene.core.core.audit.verify()).brokenAt, undefined);
});
