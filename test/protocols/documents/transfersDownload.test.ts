import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, taskOf } from "../../support/documentScene.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import { downloadEncrypted, receiveRaw, startDownload } from "../../support/plainTransfers.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;

interface Stored {
  readonly id: string;
  readonly content: Buffer;
}

async function store(scene: DocumentScene, length: number): Promise<Stored> {
  const content = someBytes(length, length + 1);
  const data = await scene.sysop.done("create_document", { title: `${length}.bin` });
  const upload = await scene.documents.uploads.open(taskOf(data), { size: length });
  await upload.write(content);
  await upload.finish();
  return { id: String(data["document_id"]), content };
}

/** A task as `get_document` makes it. */
async function referenceTask({ sysop }: DocumentScene, id: string): Promise<string> {
  return taskOf(await sysop.done("get_document", { document_id: id }));
}

async function seedTask({ sysop }: DocumentScene, id: string): Promise<string> {
  return String((await sysop.done("download_file", { document_id: id }))["task_id"]);
}

test("the reference form is chunks of 2 MiB, encrypted as one stream, with the key last", async (t) => {
  const scene = await DocumentScene.open(t);
  for (const length of [1, 5, 2 * mebibyte - 1, 2 * mebibyte, 4 * mebibyte + 7]) {
    const { id, content } = await store(scene, length);
    const client = await scene.anonymous();
    const task = await referenceTask(scene, id);
    const file = await downloadEncrypted(client, task);
    assert.deepEqual(file.head, {
      sha256: sha256(content),
      file_size: length,
      chunk_size: 2 * mebibyte,
      total_chunks: Math.ceil(length / (2 * mebibyte)),
    });
    assert.ok(file.content.equals(content));
    // Nothing follows the key: the next frame is the answer to the next request.
    assertAnswer(
      await client.request("download_file", { task_id: task }),
      400,
      "Task is not in a valid state for download",
      {},
    );
    assert.equal(client.waiting, 0);
  }
});

test("two transfers of one file share neither key nor IV", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id } = await store(scene, 5_000);
  const client = await scene.anonymous();
  const first = await downloadEncrypted(client, await referenceTask(scene, id));
  const second = await downloadEncrypted(client, await referenceTask(scene, id));
  assert.notEqual(first.chunks[0]?.["iv"], second.chunks[0]?.["iv"]);
  assert.notEqual(first.chunks[0]?.["chunk"], second.chunks[0]?.["chunk"]);
});

test("an empty file in the reference form ends with ready, and its task stays usable", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id } = await store(scene, 0);
  const client = await scene.anonymous();
  const task = await referenceTask(scene, id);
  for (let round = 0; round < 2; round += 1) {
    const { head } = await downloadEncrypted(client, task);
    assert.deepEqual(head, { sha256: null, file_size: 0, chunk_size: 2 * mebibyte, total_chunks: 0 });
  }
  assert.equal((await client.request("server_info")).code, 200, "nothing followed");
});

test("anything but the text ready is refused, and the task stays usable", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const { id, content } = await store(scene, 10_000);
  const client = await scene.anonymous();
  const task = await referenceTask(scene, id);
  for (const word of ["Ready", "", '{"action":"ready"}', Buffer.from("ready")]) {
    await startDownload(client, task);
    assertAnswer(await client.ask(word), 400, "Client not ready for file transfer", {});
  }
  await startDownload(client, task);
  clock.advance(30_000);
  assertAnswer(await client.nextAnswer(), 400, "Client not ready for file transfer", {});
  assert.ok((await downloadEncrypted(client, task)).content.equals(content));
});

test("the seed form is a head, raw frames and an answer, without waiting for anything", async (t) => {
  const scene = await DocumentScene.open(t);
  for (const length of [0, 1, 256 * 1024, 256 * 1024 + 1, 3 * mebibyte]) {
    const { id, content } = await store(scene, length);
    const client = await scene.anonymous();
    const task = await seedTask(scene, id);
    const head = await startDownload(client, task);
    assert.equal(head.total_chunks, Math.ceil(length / head.chunk_size));
    assert.ok(head.chunk_size <= mebibyte, "every client takes a frame");
    const { content: came, answer } = await receiveRaw(client, head);
    assert.ok(came.equals(content));
    assertAnswer(answer, 200, "File sent successfully", { sha256: sha256(content), file_size: length });
    assertAnswer(
      await client.request("download_file", { task_id: task }),
      400,
      "Task is not in a valid state for download",
      {},
    );
  }
});

test("raw frames from an offset are there for every task", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, content } = await store(scene, 700_001);
  const client = await scene.anonymous();
  for (const newTask of [seedTask, referenceTask]) {
    for (const offset of [0, 1, 256 * 1024, 700_000, 700_001]) {
      const head = await startDownload(client, await newTask(scene, id), { encoding: "binary", offset });
      assert.equal(head.file_size, 700_001);
      assert.equal(head.total_chunks, Math.ceil((700_001 - offset) / head.chunk_size));
      const { content: came } = await receiveRaw(client, head);
      assert.ok(came.equals(content.subarray(offset)), `from ${offset}`);
    }
  }
});

test("what a download cannot be is said, and spends no task", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const { id, content } = await store(scene, 3_000);
  const client = await scene.anonymous();
  const ask = (data: object) => client.request("download_file", data);
  const task = await referenceTask(scene, id);
  assertAnswer(await ask({ task_id: "0".repeat(64) }), 404, "Task not found", {});
  const upload = taskOf(await scene.sysop.done("upload_document", { document_id: id }));
  assertAnswer(await ask({ task_id: upload }), 400, "Task is not in a valid state for download", {});
  assert.equal((await ask({ task_id: task, encoding: "binary", offset: 3_001 })).code, 400);
  assert.equal((await ask({ task_id: task, encoding: "binary", offset: -1 })).code, 400);
  assert.equal((await ask({ task_id: task, encoding: "gzip" })).code, 400);
  assert.equal((await ask({ task_id: task, offset: 5 })).code, 400, "the reference form has no offset");
  assert.ok((await downloadEncrypted(client, task)).content.equals(content));
  const late = await referenceTask(scene, id);
  clock.advance(3_600_001);
  const afterwards = await scene.anonymous();
  const answer = await afterwards.request("download_file", { task_id: late });
  assertAnswer(answer, 400, "Task is either not started yet or has already ended", {});
});

test("a client that goes away in the middle leaves the task usable and the document free", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, content } = await store(scene, 24 * mebibyte);
  const task = await seedTask(scene, id);
  const first = await scene.anonymous();
  await startDownload(first, task);
  await first.nextBytes();
  first.socket.terminate();
  await first.closed;
  const second = await scene.anonymous();
  const { content: came } = await receiveRaw(second, await startDownload(second, task));
  assert.ok(came.equals(content));
  assert.equal((await scene.sysop.request("delete_document", { document_id: id })).code, 200);
});

test("a client that takes nothing more is let go, and the document is free", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const { id } = await store(scene, 24 * mebibyte);
  const client = await scene.anonymous();
  await startDownload(client, await seedTask(scene, id));
  client.socket.pause();
  const running = () => scene.documents.downloads.running().has(id);
  assert.equal(running(), true);
  const other = await scene.anonymous();
  for (let second = 0; second < 125 && running(); second += 5) {
    clock.advance(5_000);
    for (let turn = 0; turn < 3; turn += 1) await other.request("server_info");
  }
  await eventually(() => !running(), { what: "the end of the download" });
});

test("requests of others are answered while an encrypted download runs", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id } = await store(scene, 8 * mebibyte);
  const loading = await scene.anonymous();
  const other = await scene.anonymous();
  let isDone = false;
  const download = downloadEncrypted(loading, await referenceTask(scene, id)).then(() => {
    isDone = true;
  });
  let answered = 0;
  while (!isDone) {
    assert.equal((await other.request("server_info")).code, 200);
    answered += 1;
  }
  await download;
  assert.ok(answered >= 5, `${answered} answers while it ran`);
});
