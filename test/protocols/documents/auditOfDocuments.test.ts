import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentScene, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

interface Entry {
  readonly action: string;
  readonly username: string | null;
  readonly target: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly result: number;
}

test("what is done to documents is in the log: what it was done to, and never a task's id", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const folder = await scene.folder("folder");
  const made = await sysop.done("create_document", { title: "paper", folder_id: folder });
  const document_id = String(made["document_id"]);
  await scene.fill(taskOf(made), "x");
  const tasks = [taskOf(made)];
  for (const action of ["get_document", "upload_document"])
    tasks.push(taskOf(await sysop.done(action, { document_id })));
  tasks.push(String((await sysop.done("download_file", { document_id }))["task_id"]));
  await sysop.done("rename_document", { document_id, new_title: "plan" });
  await sysop.done("move_document", { document_id, target_folder_id: null });
  await scene.user({ username: "kim" });
  await sysop.done("block_user", { username: "kim", target: { type: "all" }, block_types: ["read"], duration: 60 });
  await sysop.request("delete_document", { document_id: "0".repeat(64) });
  const answer = await sysop.done("view_audit_logs", { count: 100 });
  const entries = (answer["entries"] as readonly Entry[]).toReversed();
  const log = entries
    .filter(({ username, action }) => username === "admin" && action !== "login")
    .map(({ action, target, data, result }) => ({ action, target, data, result }));
  const done = (action: string, target: string | null, data: object | null) => ({ action, target, data, result: 0 });
  assert.deepEqual(log, [
    done("create_directory", null, { title: "folder" }),
    done("create_document", folder, { title: "paper" }),
    done("get_document", document_id, { document_id }),
    done("upload_document", document_id, { document_id }),
    done("download_file", document_id, { document_id }),
    done("rename_document", document_id, { new_title: "plan" }),
    done("move_document", document_id, { target_folder_id: null }),
    done("block_user", "kim", { username: "kim", target: { type: "all" }, block_types: ["read"], duration: 60 }),
    { action: "delete_document", target: "0".repeat(64), data: { document_id: "0".repeat(64) }, result: 404 },
  ]);
  const everything = JSON.stringify(await scene.core.core.audit.list({ limit: 200 }));
  assert.deepEqual(
    tasks.filter((task) => everything.includes(task)),
    [],
  );
});
