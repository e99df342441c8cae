import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { promises } from "node:fs";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { openHttpStorage } from "../support/openHttpStorage.ts";
import { type StorageOptions, sha256, someBytes } from "../support/openStorage.ts";
import { request } from "../support/request.ts";

failOnLeaks();

const content = someBytes(3_000_000);

interface Put {
  readonly query?: string;
  readonly body?: Buffer;
  readonly headers?: Record<string, string>;
}

interface PutAnswer {
  readonly status: number;
  /** `Upload-Offset`. */
  readonly offset: string | undefined;
  readonly body: { readonly error?: { readonly code: string } } & Readonly<Record<string, unknown>>;
}

async function openUpload(context: Pick<TestContext, "after">, options: Omit<StorageOptions, "clock"> = {}) {
  const http = await openHttpStorage(context, options);
  const upload = await http.storage.newUpload({ title: "report.bin" });
  const path = `/api/v1/uploads/${upload.taskId}`;
  return {
    ...http,
    ...upload,
    path,
    put: async ({ query = "", body = Buffer.alloc(0), headers = {} }: Put): Promise<PutAnswer> => {
      const length = { "content-length": body.length };
      const options = { method: "PUT", headers: { ...length, ...headers }, body };
      const answer = await request(http.url, `${path}${query}`, options);
      const { "upload-offset": offset } = answer.headers;
      return { status: answer.status, offset: offset?.toString(), body: JSON.parse(answer.text) };
    },
    head: async () => {
      const { status, headers } = await request(http.url, path, { method: "HEAD" });
      return [status, headers["upload-offset"], headers["upload-complete"]];
    },
  };
}

type Opened = Awaited<ReturnType<typeof openUpload>>;

/** Sends the head of a PUT of everything and the first bytes of it, and cuts the connection. */
async function cutAfter({ url, path, storage, taskId }: Opened, from: number, to: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = [
    `PUT ${path}?offset=${from} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Content-Length: ${content.length - from}`,
    "",
    "",
  ];
  socket.write(lines.join("\r\n"));
  await new Promise<void>((resolve) => socket.write(content.subarray(from, to), () => resolve()));
  await eventually(async () => (await storage.uploads.held(taskId)) === to);
  socket.destroy();
  await eventually(() => storage.uploads.openCount === 0);
}

test("a file in one body is stored and shown", async (t) => {
  const { put, head, storage, documentId, revisionId } = await openUpload(t);
  assert.deepEqual(await head(), [200, "0", "?0"]);
  const { status, offset, body } = await put({ query: `?sha256=${sha256(content)}`, body: content });
  assert.deepEqual([status, offset], [201, "3000000"]);
  const wanted = { document_id: documentId, revision_id: revisionId, size: 3_000_000, sha256: sha256(content) };
  assert.deepEqual(body, wanted);
  assert.ok((await storage.read(revisionId)).equals(content));
  assert.deepEqual(await head(), [200, "3000000", "?1"], "whoever lost the answer can ask");
  assert.equal((await put({ body: content })).body.error?.code, "FILE_TASK_OVER");
});

test("an empty file", async (t) => {
  const { put, storage, revisionId } = await openUpload(t);
  assert.equal((await put({})).status, 201);
  assert.equal((await storage.read(revisionId)).length, 0);
});

test("a body of any type is the file, also one that says that it is JSON", async (t) => {
  const { put, storage, revisionId } = await openUpload(t);
  const body = Buffer.from("{ not json");
  assert.equal((await put({ body, headers: { "content-type": "application/json" } })).status, 201);
  assert.ok((await storage.read(revisionId)).equals(body));
});

test("a file in several bodies", async (t) => {
  const { put, head, storage, revisionId } = await openUpload(t);
  for (let offset = 0; offset < content.length; offset += 1_000_000) {
    const body = content.subarray(offset, offset + 1_000_000);
    const answer = await put({ query: `?offset=${offset}&size=3000000`, body });
    assert.equal(answer.offset, String(offset + 1_000_000));
    assert.equal(answer.status, offset === 2_000_000 ? 201 : 202);
    if (offset === 0) assert.deepEqual(await head(), [200, "1000000", "?0"]);
  }
  assert.ok((await storage.read(revisionId)).equals(content));
});

test("a connection that is cut ten times loses nothing", async (t) => {
  const opened = await openUpload(t);
  for (let cut = 0; cut < 10; cut += 1) await cutAfter(opened, cut * 250_000, (cut + 1) * 250_000);
  assert.deepEqual(await opened.head(), [200, "2500000", "?0"]);
  const { status, body } = await opened.put({ query: "?offset=2500000", body: content.subarray(2_500_000) });
  assert.equal(status, 201);
  assert.equal(body["sha256"], sha256(content));
});

test("bytes that do not follow those that are there are refused, and the answer says where to go on", async (t) => {
  const opened = await openUpload(t);
  await cutAfter(opened, 0, 1_000_000);
  const gap = await opened.put({ query: "?offset=1000001&size=3000000", body: content.subarray(1_000_001) });
  assert.deepEqual([gap.status, gap.body.error?.code, gap.offset], [409, "CONFLICT", "1000000"]);
  const overlap = await opened.put({ query: "?offset=400000&size=3000000", body: content.subarray(400_000) });
  assert.deepEqual([overlap.status, overlap.body["sha256"]], [201, sha256(content)]);
});

test("a hash that lies leaves nothing, and the ticket can be used again", async (t) => {
  const { put, head, storage } = await openUpload(t);
  const { status, offset, body } = await put({ query: `?sha256=${"0".repeat(64)}`, body: content });
  assert.deepEqual([status, offset, body.error?.code], [422, "0", "HASH_MISMATCH"]);
  assert.deepEqual([storage.files(), storage.incoming()], [[], []]);
  assert.deepEqual(await head(), [200, "0", "?0"]);
  assert.equal((await put({ body: content })).status, 201);
});

test("a size that lies: a body longer than the file", async (t) => {
  const { put } = await openUpload(t);
  const { status, body } = await put({ query: "?size=10", body: someBytes(11) });
  assert.deepEqual([status, body.error?.code], [422, "SIZE_MISMATCH"]);
});

for (const query of [
  "?offset=-1",
  "?offset=x",
  "?offset=1.5",
  "?size=-5",
  "?size=1e99",
  "?sha256=xyz",
  "?offset=1&offset=2",
]) {
  test(`${query} is refused`, async (t) => {
    const { put, storage } = await openUpload(t);
    const { status, body } = await put({ query, body: someBytes(10) });
    assert.deepEqual([status, body.error?.code], [400, "INVALID_PARAMS"]);
    assert.deepEqual(storage.incoming(), []);
  });
}

test("a body of unknown length needs the file's size", async (t) => {
  const { url, path } = await openUpload(t);
  const chunked = { method: "PUT", headers: { "transfer-encoding": "chunked" }, body: someBytes(10) };
  assert.equal((await request(url, path, chunked)).status, 400);
  assert.equal((await request(url, `${path}?size=10`, chunked)).status, 201);
});

test("quota and size limits answer before anything is written", async (t) => {
  const { put, storage } = await openUpload(t, { limits: { perUser: 2_000_000 } });
  const { status, offset, body } = await put({ body: content });
  assert.deepEqual([status, offset, body.error?.code], [413, "0", "QUOTA_EXCEEDED"]);
  assert.deepEqual(storage.incoming(), []);
});

test("a disk that fills in the middle: the sender reads why, and goes on where the core is", async (t) => {
  let room = 1_000_000;
  const openFile: StorageOptions["openFile"] = async (file, flags) => {
    const handle = await promises.open(file, flags);
    const write = handle.write.bind(handle) as typeof handle.write;
    const limited = async (...[buffer, from, length, position]: [Buffer, number, number, number]) => {
      if (room === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      const fits = Math.min(length, room);
      room -= fits;
      return write(buffer, from, fits, position);
    };
    return Object.assign(handle, { write: limited });
  };
  const { put, storage, revisionId } = await openUpload(t, { openFile });
  const { status, offset, body } = await put({ body: content });
  assert.deepEqual([status, offset, body.error?.code], [507, "1000000", "STORAGE_FULL"]);
  room = Number.POSITIVE_INFINITY;
  const again = await put({ query: "?offset=1000000", body: content.subarray(1_000_000) });
  assert.equal(again.body["sha256"], sha256(content));
  assert.ok((await storage.read(revisionId)).equals(content));
});

test("a ticket that is unknown, over, or for a download gets a clear code", async (t) => {
  const { url, path, storage, clock } = await openUpload(t);
  const put = async (ticket: string) => {
    const answer = await request(url, ticket, { method: "PUT", headers: { "content-length": 1 }, body: "x" });
    return [answer.status, (JSON.parse(answer.text) as { error: { code: string } }).error.code];
  };
  const unknown = `/api/v1/uploads/${randomBytes(32).toString("hex")}`;
  assert.deepEqual(await put(unknown), [404, "FILE_TASK_NOT_FOUND"]);
  assert.equal((await request(url, unknown, { method: "HEAD" })).status, 404);
  const { id: revisionId } = await storage.store(someBytes(10));
  const { id } = await storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  assert.deepEqual(await put(`/api/v1/uploads/${id}`), [409, "FILE_TASK_OVER"]);
  clock.advance(3_600_000);
  assert.deepEqual(await put(path), [409, "FILE_TASK_OVER"]);
  assert.equal((await request(url, path, { method: "HEAD" })).status, 409);
});

test("a page of another site cannot upload", async (t) => {
  const { put } = await openUpload(t);
  const answer = await put({ body: content, headers: { origin: "https://evil.example" } });
  assert.equal(answer.body.error?.code, "FORBIDDEN");
});

test("a running upload goes on when all tasks are ended, and one that waits does not begin", async (t) => {
  const opened = await openUpload(t);
  const { url, path, storage, taskId } = opened;
  const half = new Promise<void>((resolve) => {
    void eventually(async () => (await storage.uploads.held(taskId)) > 0).then(() => resolve());
  });
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(content.subarray(0, 1_000_000));
      await half;
      await storage.tasks.endAll();
      controller.enqueue(content.subarray(1_000_000));
      controller.close();
    },
  });
  const answer = await fetch(`${url}${path}?size=3000000`, { method: "PUT", body, duplex: "half" } as RequestInit);
  assert.equal(answer.status, 201);
  const other = await openUpload(t);
  await other.storage.tasks.endAll();
  assert.equal((await other.put({ body: content })).body.error?.code, "FILE_TASK_OVER");
});

test("many uploads at once", async (t) => {
  const { url, storage } = await openUpload(t);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const body = someBytes(500_000, index + 1);
      const { taskId } = await storage.newUpload();
      const answer = await request(url, `/api/v1/uploads/${taskId}`, {
        method: "PUT",
        headers: { "content-length": body.length },
        body,
      });
      return (JSON.parse(answer.text) as { sha256: string }).sha256 === sha256(body);
    }),
  );
  assert.ok(answers.every((same) => same));
  assert.equal(storage.files().length, 20);
});
