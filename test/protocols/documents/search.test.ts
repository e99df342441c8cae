import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const closed = { read: [onlyGroup("sysop")] };

test("a search finds what may be read, and says where it is", async (t) => {
  const scene = await DocumentScene.open(t);
  const outer = await scene.folder("Reports");
  const inner = await scene.folder("report 2025", outer);
  const plan = await scene.document("a report.txt", { folder_id: inner });
  await scene.document("secret report", { access_rules: closed });
  await scene.hiddenDocument("report, unfinished");
  await scene.document("letter");
  const plain = await scene.user();
  const answer = await plain.request("search", { query: "report" });
  assertAnswer(answer, 200, "Search successful");
  const { documents, folders, more } = answer.data as {
    readonly documents: readonly Record<string, unknown>[];
    readonly folders: readonly Record<string, unknown>[];
    readonly more: boolean;
  };
  assert.equal(more, false);
  assert.deepEqual(
    documents.map(({ id, title, parent_id, path, size }) => ({ id, title, parent_id, path, size })),
    [
      {
        id: plan,
        title: "a report.txt",
        parent_id: inner,
        path: [
          { id: outer, name: "Reports" },
          { id: inner, name: "report 2025" },
        ],
        size: 12,
      },
    ],
  );
  assert.deepEqual(folders.map(({ name, path }) => [name, path]).sort(), [
    ["Reports", []],
    ["report 2025", [{ id: outer, name: "Reports" }]],
  ]);
  const limited = await plain.done("search", { query: "report", limit: 1 });
  assert.equal(limited["more"], true);
  assert.equal([limited["documents"], limited["folders"]].flat().length, 1);
  assert.equal(await plain.codeOf("search", { query: "" }), 400);
  assert.equal(await (await scene.anonymous()).codeOf("search", { query: "report" }), 401);
});

test("a search names no folder on the way that may not be read", async (t) => {
  const scene = await DocumentScene.open(t);
  const secret = await scene.folder("secret plans", null, closed);
  const document_id = await scene.document("menu", { folder_id: secret });
  const plain = await scene.user();
  assert.deepEqual((await plain.done("search", { query: "menu" }))["documents"], []);
  await scene.sysop.done("grant_access", {
    entity_type: "user",
    entity_identifier: plain.credentials.username,
    target_type: "document",
    target_identifier: document_id,
    access_types: ["read"],
    start_time: 0,
  });
  const [found] = (await plain.done("search", { query: "menu" }))["documents"] as readonly Record<string, unknown>[];
  assert.deepEqual([found?.["id"], found?.["path"]], [document_id, []]);
});
