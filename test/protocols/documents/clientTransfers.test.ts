import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DownloadTarget } from "../../../src-main/protocols/documents/client/transferOptions.ts";
import type { DocumentsClient } from "../../../src-main/protocols/documents/client.ts";
import { documentsClient } from "../../support/documentsClient.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import { PlainDocumentServer, type PlainServerOptions } from "../../support/plainDocumentServer.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;

interface Scene {
  readonly server: PlainDocumentServer;
  readonly client: DocumentsClient;
}

async function open(t: TestContext, options: PlainServerOptions = {}): Promise<Scene> {
  const server = await PlainDocumentServer.start(t, options);
  return { server, client: documentsClient(t, { url: server.url }) };
}

/** A file in memory; without `canRead` it can only be written, as a page's download. */
function memoryTarget(canRead = true): DownloadTarget & { readonly content: () => Buffer } {
  let content = Buffer.alloc(0);
  return {
    write(offset, bytes) {
      const end = offset + bytes.length;
      if (end > content.length) content = Buffer.concat([content, Buffer.alloc(end - content.length)]);
      content.set(bytes, offset);
      return undefined;
    },
    ...(canRead ? { read: async (offset: number, length: number) => content.subarray(offset, offset + length) } : {}),
    content: () => content,
  };
}

function source(content: Buffer): { readonly size: number; read(offset: number, length: number): Promise<Uint8Array> } {
  return {
    size: content.length,
    read: async (offset, length) => Buffer.from(content.subarray(offset, offset + length)),
  };
}

test("a file comes from anybody's server, encrypted or raw", async (t) => {
  for (const kind of ["plain", "raw"] as const) {
    const { server, client } = await open(t, { kind, chunkBytes: 65_536 });
    for (const length of [0, 1, 65_536, 65_537, 300_000]) {
      for (const canRead of [true, false]) {
        const content = someBytes(length, length + 1);
        const task = `${length}-${canRead}`;
        server.downloads.set(task, content);
        const target = memoryTarget(canRead);
        const seen: number[] = [];
        const result = await client.download({ task, target, onSize: (size) => seen.push(size) });
        assert.deepEqual(result, { size: length, sha256: sha256(content), receivedBytes: length });
        assert.ok(target.content().equals(content), `${kind}, ${length} bytes`);
        assert.deepEqual(seen, [length]);
      }
    }
    const asked = server.requests.filter(({ data }) => Object.hasOwn(data as object, "encoding"));
    assert.equal(asked.length, 1, "what the server does not know it is asked for once");
  }
});

test("a chunk of 2 MiB is taken whole", async (t) => {
  const { server, client } = await open(t);
  const content = someBytes(2 * mebibyte + 5);
  server.downloads.set("task", content);
  const target = memoryTarget();
  await client.download({ task: "task", target });
  assert.ok(target.content().equals(content));
});

test("a file goes to anybody's server, with its frames and its last one", async (t) => {
  for (const [kind, frameBytes] of [
    ["plain", 8192],
    ["chunked", 65_536],
  ] as const) {
    const { server, client } = await open(t, { kind });
    for (const length of [1, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes, 700_000]) {
      const content = someBytes(length, length);
      const task = String(length);
      server.uploads.set(task, undefined);
      server.frames.length = 0;
      const progress: number[] = [];
      const result = await client.upload({ task, ...source(content), onProgress: ({ done }) => progress.push(done) });
      assert.deepEqual(result, { size: length, sha256: sha256(content), sentBytes: length });
      assert.ok(server.uploads.get(task)?.equals(content));
      const whole = Array.from({ length: Math.floor(length / frameBytes) }, () => frameBytes);
      assert.deepEqual(server.frames, [...whole, length % frameBytes], "a shorter frame is the last");
      assert.equal(progress.at(-1), length);
      assert.deepEqual(
        progress,
        progress.toSorted((one, other) => one - other),
        "it never goes back",
      );
    }
  }
});

test("an empty file is done when the server says stop", async (t) => {
  const { server, client } = await open(t);
  server.uploads.set("task", undefined);
  const result = await client.upload({ task: "task", ...source(Buffer.alloc(0)) });
  assert.deepEqual(result, { size: 0, sha256: sha256(Buffer.alloc(0)), sentBytes: 0 });
  assert.equal(server.uploads.get("task")?.length, 0);
});

test("a hash that was announced is checked by the server", async (t) => {
  const { server, client } = await open(t);
  server.uploads.set("task", undefined);
  const upload = client.upload({ task: "task", ...source(someBytes(10_000)), sha256: "0".repeat(64) });
  await assert.rejects(upload, { name: "DocumentsRefusal", status: 400, message: /^SHA256 mismatch/ });
  assert.equal(server.uploads.get("task"), undefined);
});

test("a file that becomes shorter while it is sent ends its upload", async (t) => {
  const { server, client } = await open(t);
  server.uploads.set("task", undefined);
  const upload = client.upload({ task: "task", size: 10_000, read: async () => new Uint8Array(10) });
  await assert.rejects(upload, { code: "SIZE_MISMATCH" });
});

test("what a server spoils is noticed", async (t) => {
  const spoiled = [
    ["plain", "chunk", "HASH_MISMATCH"],
    ["plain", "hash", "HASH_MISMATCH"],
    ["plain", "key", "HASH_MISMATCH"],
    ["plain", "size", "SIZE_MISMATCH"],
    ["plain", "order", "INVALID_MESSAGE"],
    ["raw", "chunk", "HASH_MISMATCH"],
    ["raw", "hash", "HASH_MISMATCH"],
    ["raw", "size", "SIZE_MISMATCH"],
  ] as const;
  for (const [kind, spoil, code] of spoiled) {
    const { server, client } = await open(t, { kind, spoil, chunkBytes: 65_536 });
    server.downloads.set("task", someBytes(100_000));
    await assert.rejects(client.download({ task: "task", target: memoryTarget() }), { code }, `${kind} ${spoil}`);
  }
});

test("a server's refusal is told as it came, and a task that is over is asked for anew", async (t) => {
  const { server, client } = await open(t);
  const missing = client.download({ task: "none", target: memoryTarget() });
  await assert.rejects(missing, { name: "DocumentsRefusal", status: 404, message: "Task not found" });
  const sending = client.upload({ task: "none", ...source(someBytes(5)) });
  await assert.rejects(sending, { name: "DocumentsRefusal", status: 404, message: "Task not found" });
  const content = someBytes(1_000_000);
  server.downloads.set("one", content);
  server.downloads.set("two", content);
  const tasks = ["one", "two"];
  let isCut = false;
  const target = memoryTarget();
  await client.download({
    task: async () => tasks.shift() ?? "none",
    target: {
      ...target,
      write(offset, bytes) {
        // The first connection is lost in the middle, and meanwhile the task is used.
        if (!isCut) server.dropAll();
        isCut = true;
        server.used.add("one");
        return target.write(offset, bytes);
      },
    },
  });
  assert.ok(target.content().equals(content));
});

test("a transfer that is cancelled ends at once and lets go of its connection", async (t) => {
  const { server, client } = await open(t, { silentOn: ["upload_file"] });
  const stop = new AbortController();
  const upload = client.upload({ task: "task", ...source(someBytes(10)), signal: stop.signal });
  const cancelled = assert.rejects(upload, { code: "CANCELLED" });
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await cancelled;
  const before = client.download({ task: "task", target: memoryTarget(), signal: AbortSignal.abort() });
  await assert.rejects(before, { code: "CANCELLED" });
  assert.deepEqual(server.actions, ["upload_file"]);
});

test("a transfer that gets no further is given up", async (t) => {
  const { server, client } = await open(t);
  server.uploads.set("task", undefined);
  let reads = 0;
  const upload = client.upload({
    task: "task",
    size: 100,
    attempts: 3,
    read: async (_, length) => {
      reads += 1;
      server.dropAll();
      return new Uint8Array(length);
    },
  });
  await assert.rejects(upload, { code: "PEER_LOST" });
  assert.ok(reads >= 3 && reads <= 5, `${reads} attempts`);
});
