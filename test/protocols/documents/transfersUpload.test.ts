import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, taskOf } from "../../support/documentScene.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { announce, sendFrames, uploadPlain } from "../../support/plainTransfers.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;
const received = "File received successfully";

interface NewUpload {
  readonly id: string;
  readonly task: string;
}

let titles = 0;

async function newUpload({ sysop }: DocumentScene): Promise<NewUpload> {
  titles += 1;
  const data = await sysop.done("create_document", { title: `${titles}.bin` });
  return { id: String(data["document_id"]), task: taskOf(data) };
}

/** What is stored of a document; undefined while it has no revision that shows. */
async function contentOf({ documents }: DocumentScene, id: string): Promise<Buffer | undefined> {
  const revisionId = (await documents.tree.document(id))?.currentRevisionId;
  if (revisionId === undefined) return undefined;
  const download = await documents.downloads.open({ revisionId });
  const content = Buffer.from(await download.read(0, download.size));
  await download.close();
  return content;
}

async function assertStored(scene: DocumentScene, id: string, content: Buffer): Promise<void> {
  const stored = await contentOf(scene, id);
  assert.ok(stored !== undefined, "it shows");
  assert.ok(stored.equals(content), "what is stored is what was sent");
}

async function assertRefusedAndUsable(
  scene: DocumentScene,
  { id, task }: NewUpload,
  client: PlainDocuments,
): Promise<void> {
  assert.equal(await contentOf(scene, id), undefined, "nothing shows");
  const content = someBytes(10_000);
  await uploadPlain(client, task, content);
  assertAnswer(await client.nextAnswer(), 200, received, {});
  await assertStored(scene, id, content);
}

test("the plain exchange is ready and frames of 8192 bytes, of which a shorter one is the last", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  for (const length of [1, 8191, 8192, 8193, 16_384, 100_000, 5 * mebibyte]) {
    const { id, task } = await newUpload(scene);
    const content = someBytes(length, length);
    await uploadPlain(client, task, content);
    assertAnswer(await client.nextAnswer(), 200, received, {});
    await assertStored(scene, id, content);
    const again = await client.request("upload_file", { task_id: task });
    assertAnswer(again, 400, "Task is not in a valid state for upload", {});
  }
  assert.equal(client.waiting, 0);
});

test("an exact multiple waits for its empty frame", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const { id, task } = await newUpload(scene);
  const content = someBytes(16_384);
  assert.equal(await announce(client, task, { file_size: 16_384 }), "ready");
  client.send(content.subarray(0, 8192));
  client.send(content.subarray(8192));
  const other = await scene.anonymous();
  for (let turn = 0; turn < 20; turn += 1) await other.request("server_info");
  assert.equal(client.waiting, 0, "no answer before the last frame");
  client.send(Buffer.alloc(0));
  assertAnswer(await client.nextAnswer(), 200, received, {});
  await assertStored(scene, id, content);
});

test("an empty file is answered stop, and then with an envelope", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  for (const head of [{ file_size: 0 }, { file_size: 0, sha256: sha256(Buffer.alloc(0)), max_chunk_size: 65_536 }]) {
    const { id, task } = await newUpload(scene);
    assert.equal(await announce(client, task, head), "stop");
    assertAnswer(await client.nextAnswer(), 200, received, {});
    await assertStored(scene, id, Buffer.alloc(0));
  }
});

test("a hash need not be announced", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  for (const head of [{ file_size: 9_000 }, { file_size: 9_000, sha256: null }]) {
    const { id, task } = await newUpload(scene);
    const content = someBytes(9_000);
    assert.equal(await announce(client, task, head), "ready");
    sendFrames(client, content);
    assertAnswer(await client.nextAnswer(), 200, received, {});
    await assertStored(scene, id, content);
  }
});

test("a client that names its largest frame is told the size of the frames", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const frames = [
    [512, "ready 512", 512],
    [10_000, "ready 10000", 10_000],
    [65_536, "ready 16384", 16_384],
    [500 * mebibyte, "ready 16384", 16_384],
  ] as const;
  for (const [largest, word, frameBytes] of frames) {
    const { id, task } = await newUpload(scene);
    const content = someBytes(2 * frameBytes, frameBytes);
    assert.equal(await announce(client, task, { file_size: content.length, max_chunk_size: largest }), word);
    sendFrames(client, content, frameBytes);
    assertAnswer(await client.nextAnswer(), 200, received, {});
    await assertStored(scene, id, content);
  }
});

test("a head of another form is refused on a connection and a task that stay usable", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const client = await scene.anonymous();
  const upload = await newUpload(scene);
  const refused = async (answer: string): Promise<void> => {
    const { code, message, data } = JSON.parse(answer) as Record<string, unknown>;
    assert.deepEqual([code, message, data], [400, "Invalid request for file transfer", {}]);
  };
  const heads = [
    "no json",
    "",
    "[]",
    '{"action":"transfer_file"}',
    '{"action":"transfer_file","data":{"file_size":5},"more":1}',
    '{"action":"download_file","data":{"file_size":5}}',
    Buffer.from('{"action":"transfer_file","data":{"file_size":5}}'),
    {},
    { file_size: "5" },
    { file_size: -1 },
    { file_size: 1.5 },
    { file_size: 2 ** 53 },
    { file_size: 5, more: 1 },
    { file_size: 5, sha256: "abc" },
    { file_size: 5, max_chunk_size: 511 },
    { file_size: 5, max_chunk_size: 8192.5 },
    { file_size: 5, max_chunk_size: 8192, offset: -1 },
  ];
  for (const head of heads) await refused(await announce(client, upload.task, head));
  client.send({ action: "upload_file", data: { task_id: upload.task } });
  await client.nextJson();
  clock.advance(30_000);
  await refused(await client.nextText());
  await assertRefusedAndUsable(scene, upload, client);
});

test("a size that lies is refused with what was expected and what came", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  for (const [size, length] of [
    [10_000, 9_999],
    [10_000, 10_001],
    [16_384, 8_192],
    [8_192, 40_000],
  ] as const) {
    const upload = await newUpload(scene);
    assert.equal(await announce(client, upload.task, { file_size: size }), "ready");
    sendFrames(client, someBytes(length));
    assertAnswer(await client.nextAnswer(), 400, `File size mismatch: expected ${size}, got ${length}`, {});
    await assertRefusedAndUsable(scene, upload, client);
  }
});

test("a peer that sends without end is not listened to without end", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const { id, task } = await newUpload(scene);
  assert.equal(await announce(client, task, { file_size: 10, max_chunk_size: mebibyte }), "ready 16384");
  for (let frame = 0; frame < 18; frame += 1) client.send(Buffer.alloc(mebibyte));
  const { code, message } = await client.nextAnswer();
  assert.equal(code, 400);
  assert.match(message, /^File size mismatch: expected 10, got 1[78]\d{6}$/);
  assert.equal(await contentOf(scene, id), undefined);
});

test("a hash that lies is refused with what was expected and what came", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const content = someBytes(10_000);
  const lie = sha256(Buffer.from("something else"));
  const upload = await newUpload(scene);
  assert.equal(await announce(client, upload.task, { file_size: content.length, sha256: lie }), "ready");
  sendFrames(client, content);
  const told = await client.nextAnswer();
  assertAnswer(told, 400, `SHA256 mismatch: expected ${lie}, got ${sha256(content)}`, {});
  await assertRefusedAndUsable(scene, upload, client);
  const empty = await newUpload(scene);
  const word = await announce(client, empty.task, { file_size: 0, sha256: lie });
  assert.equal((JSON.parse(word) as { readonly code: number }).code, 400, "no stop: nothing is stored");
  await assertRefusedAndUsable(scene, empty, client);
});

test("text where bytes belong is refused, and the task stays usable", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const upload = await newUpload(scene);
  assert.equal(await announce(client, upload.task, { file_size: 20_000 }), "ready");
  client.send(someBytes(8192));
  assertAnswer(await client.ask("these are no bytes"), 400, "Invalid request for file transfer", {});
  await assertRefusedAndUsable(scene, upload, client);
});

test("a connection that is lost in the middle shows nothing and leaves the task usable", async (t) => {
  const scene = await DocumentScene.open(t);
  const upload = await newUpload(scene);
  const first = await scene.anonymous();
  assert.equal(await announce(first, upload.task, { file_size: 100_000 }), "ready");
  first.send(someBytes(8192));
  first.socket.terminate();
  await first.closed;
  await assertRefusedAndUsable(scene, upload, await scene.anonymous());
});

test("a client that lives and sends nothing more is let go, and what it sent is kept", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const { id, task } = await newUpload(scene);
  const content = someBytes(100_000);
  const head = { file_size: content.length, max_chunk_size: 16_384, offset: 0 };
  const silent = await scene.anonymous();
  assert.equal(await announce(silent, task, head), "ready 16384 0");
  silent.send(content.subarray(0, 16_384));
  const other = await scene.anonymous();
  for (let second = 0; second < 130; second += 5) {
    assert.equal(silent.socket.readyState === silent.socket.OPEN || second >= 120, true, `after ${second} s`);
    clock.advance(5_000);
    // What keeps the connections alive goes its way.
    for (let turn = 0; turn < 3; turn += 1) await other.request("server_info");
  }
  await silent.closed;
  const client = await scene.anonymous();
  assert.equal(await announce(client, task, head), "ready 16384 16384");
  sendFrames(client, content.subarray(16_384), 16_384);
  assert.equal((await client.nextAnswer()).code, 200);
  await assertStored(scene, id, content);
});

test("a client that closes right after its last frame gets its file stored", async (t) => {
  const scene = await DocumentScene.open(t);
  for (const length of [50_000, 16_384, 0]) {
    const { id, task } = await newUpload(scene);
    const client = await scene.anonymous();
    const content = someBytes(length, 7);
    await uploadPlain(client, task, content);
    client.socket.close();
    await client.closed;
    await eventually(() => contentOf(scene, id), { what: "the revision" });
    await assertStored(scene, id, content);
  }
});

test("a client that closes before the empty frame has sent everything, too", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, task } = await newUpload(scene);
  const client = await scene.anonymous();
  const content = someBytes(16_384);
  assert.equal(await announce(client, task, { file_size: 16_384, sha256: sha256(content) }), "ready");
  client.send(content.subarray(0, 8192));
  client.send(content.subarray(8192));
  client.socket.close();
  await eventually(() => contentOf(scene, id), { what: "the revision" });
  await assertStored(scene, id, content);
});

test("an upload that was cut goes on where the core stands", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, task } = await newUpload(scene);
  const content = someBytes(600_000);
  const head = { file_size: content.length, sha256: sha256(content), max_chunk_size: 16_384 };
  const first = await scene.anonymous();
  assert.equal(await announce(first, task, { ...head, offset: 0 }), "ready 16384 0");
  for (let frame = 0; frame < 3; frame += 1) first.send(content.subarray(frame * 16_384, (frame + 1) * 16_384));
  first.socket.close();
  await first.closed;
  const second = await scene.anonymous();
  assert.equal(await announce(second, task, { ...head, offset: 49_152 }), "ready 16384 49152");
  sendFrames(second, content.subarray(49_152), 16_384);
  const told = { sha256: sha256(content), file_size: content.length };
  assertAnswer(await second.nextAnswer(), 200, received, told);
  await assertStored(scene, id, content);
});

test("an upload of which everything is there but the end needs only the empty frame", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, task } = await newUpload(scene);
  const content = someBytes(100_000);
  const first = await scene.anonymous();
  assert.equal(await announce(first, task, { file_size: content.length, offset: 0 }), "ready 8192 0");
  first.send(content.subarray(0, 50_000));
  first.send(content.subarray(50_000, 99_999));
  first.socket.terminate();
  await first.closed;
  const second = await scene.anonymous();
  const word = await announce(second, task, { file_size: content.length, offset: 99_999 });
  const held = Number(/^ready 8192 (\d+)$/.exec(word)?.[1]);
  assert.ok(held <= 99_999);
  sendFrames(second, content.subarray(held));
  assert.equal((await second.nextAnswer()).code, 200);
  await assertStored(scene, id, content);
});

test("without an offset an upload begins at the beginning, whatever is held", async (t) => {
  const scene = await DocumentScene.open(t);
  const { id, task } = await newUpload(scene);
  const first = await scene.anonymous();
  await announce(first, task, { file_size: 50_000, offset: 0 });
  first.send(Buffer.alloc(8192, 1));
  first.socket.close();
  await first.closed;
  const client = await scene.anonymous();
  const content = someBytes(50_000);
  await uploadPlain(client, task, content);
  assertAnswer(await client.nextAnswer(), 200, received, {});
  await assertStored(scene, id, content);
});

test("a task that is none, of the other kind, used or over is named as such", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const client = await scene.anonymous();
  const ask = (task_id: string) => client.request("upload_file", { task_id });
  assertAnswer(await ask("0".repeat(64)), 404, "Task not found", {});
  const id = await scene.document("plan.txt");
  const download = taskOf(await scene.sysop.done("get_document", { document_id: id }));
  assertAnswer(await ask(download), 400, "Task is not in a valid state for upload", {});
  const { task } = await newUpload(scene);
  clock.advance(3_600_001);
  const afterwards = await scene.anonymous();
  const answer = await afterwards.request("upload_file", { task_id: task });
  assertAnswer(answer, 400, "Task is either not started yet or has already ended", {});
});
