import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DocumentsClient } from "../../../src-main/protocols/documents/client.ts";
import { DocumentScene, taskOf } from "../../support/documentScene.ts";
import { documentsClient } from "../../support/documentsClient.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcpProxy.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;
const size = 48 * mebibyte + 12_345;
const content = someBytes(size, 5);
const cuts = 10;

interface Scene {
  readonly scene: DocumentScene;
  readonly proxy: TcpProxy;
  readonly client: DocumentsClient;
}

async function open(t: TestContext): Promise<Scene> {
  const scene = await DocumentScene.open(t);
  const proxy = await startTcpProxy(t, Number(new URL(scene.core.httpUrl).port));
  return { scene, proxy, client: documentsClient(t, { url: `ws://127.0.0.1:${proxy.port}/cfms` }) };
}

/** Cuts every connection each time that the transfer passes one of ten places. */
function cutter(
  proxy: TcpProxy,
  seed: number,
): { readonly onProgress: (at: { readonly done: number }) => void; readonly left: () => number } {
  const random = new SeededRandom(seed);
  const places = Array.from({ length: cuts }, () => random.below(size)).sort((one, other) => one - other);
  return {
    onProgress({ done }) {
      const next = places[0];
      if (next === undefined || done < next) return;
      places.shift();
      proxy.cut();
      proxy.heal();
    },
    left: () => places.length,
  };
}

test("an upload that is cut ten times goes on where the core stands", async (t) => {
  const { scene, proxy, client } = await open(t);
  const data = await scene.sysop.done("create_document", { title: "large.bin" });
  const cutting = cutter(proxy, 1);
  const result = await client.upload({
    task: taskOf(data),
    size,
    read: async (offset, length) => Buffer.from(content.subarray(offset, offset + length)),
    onProgress: cutting.onProgress,
  });
  assert.equal(cutting.left(), 0);
  assert.equal(result.sha256, sha256(content));
  assert.ok(result.sentBytes < size * 3, `${result.sentBytes} bytes for ${size}`);
  const document = await scene.documents.tree.document(String(data["document_id"]));
  assert.deepEqual([document?.size, document?.sha256], [size, sha256(content)]);
});

test("a download that is cut ten times goes on where it stands", async (t) => {
  const { scene, proxy, client } = await open(t);
  const data = await scene.sysop.done("create_document", { title: "large.bin" });
  const upload = await scene.documents.uploads.open(taskOf(data), { size });
  await upload.write(content);
  await upload.finish();
  const cutting = cutter(proxy, 2);
  const came = Buffer.alloc(size);
  let tasks = 0;
  const result = await client.download({
    task: async () => {
      tasks += 1;
      return taskOf(await scene.sysop.done("get_document", { document_id: data["document_id"] }));
    },
    target: {
      write(offset, bytes) {
        came.set(bytes, offset);
        return undefined;
      },
    },
    onProgress: cutting.onProgress,
  });
  assert.equal(cutting.left(), 0);
  assert.equal(result.sha256, sha256(content));
  assert.ok(came.equals(content));
  assert.equal(result.receivedBytes, size, "nothing comes twice");
  assert.ok(tasks <= 2, "the task lasts until everything was sent");
});

test("a download is taken up where an earlier program left it", async (t) => {
  const { scene, client } = await open(t);
  const id = await scene.document("text.txt", { content: "the quick brown fox" });
  const task = taskOf(await scene.sysop.done("get_document", { document_id: id }));
  const came = Buffer.alloc(19);
  came.write("the quick ");
  const { receivedBytes, sha256: hash } = await client.download({
    task,
    offset: 10,
    target: {
      write(offset, bytes) {
        came.set(bytes, offset);
        return undefined;
      },
      read: async (offset, length) => came.subarray(offset, offset + length),
    },
  });
  assert.equal(came.toString(), "the quick brown fox");
  assert.equal(hash, sha256(came));
  assert.equal(receivedBytes, 9);
});

test("a core that cannot be reached for a while is waited for", async (t) => {
  const { scene, proxy, client } = await open(t);
  const data = await scene.sysop.done("create_document", { title: "large.bin" });
  let isCut = false;
  const upload = client.upload({
    task: taskOf(data),
    size: 1_000_000,
    attempts: 1_000_000,
    read: async (_, length) => {
      if (!isCut) proxy.cut();
      isCut = true;
      return Buffer.alloc(length);
    },
  });
  await eventually(() => isCut);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  proxy.heal();
  assert.equal((await upload).size, 1_000_000);
});

test("many transfers at once each get their bytes, and requests are answered meanwhile", async (t) => {
  const { scene, client } = await open(t);
  const files: { readonly id: string; readonly task: string; readonly content: Buffer }[] = [];
  for (let index = 0; index < 8; index += 1) {
    const data = await scene.sysop.done("create_document", { title: `${index}.bin` });
    files.push({ id: String(data["document_id"]), task: taskOf(data), content: content.subarray(index, 4 * mebibyte) });
  }
  const uploads = files.map(({ task, content: own }) =>
    client.upload({ task, size: own.length, read: async (at, length) => Buffer.from(own.subarray(at, at + length)) }),
  );
  assert.equal((await client.request("server_info", {})).protocol_version, 3);
  await Promise.all(uploads);
  for (const { id, content: own } of files) {
    assert.equal((await scene.documents.tree.document(id))?.sha256, sha256(own));
  }
});

test("a refusal that has another reason does not make the core a stranger", async (t) => {
  const { scene, proxy, client } = await open(t);
  const refused = taskOf(await scene.sysop.done("create_document", { title: "refused.bin" }));
  const read = async (at: number, length: number): Promise<Uint8Array> =>
    Buffer.from(content.subarray(at, at + length));
  await assert.rejects(client.upload({ task: refused, size, sha256: "no hash", read }), { status: 400 });
  const data = await scene.sysop.done("create_document", { title: "taken.bin" });
  const cutting = cutter(proxy, 3);
  const { sentBytes } = await client.upload({ task: taskOf(data), size, read, onProgress: cutting.onProgress });
  assert.equal(cutting.left(), 0);
  assert.ok(sentBytes < size * 3, "it does not begin at the beginning after every cut");
});
