import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { openHttpStorage } from "../support/openHttpStorage.ts";
import { someBytes } from "../support/openStorage.ts";
import { request } from "../support/request.ts";

failOnLeaks();

const content = someBytes(3_000_000);

async function openDownload(context: Pick<TestContext, "after">, title = "report.bin", bytes = content) {
  const http = await openHttpStorage(context);
  const { id: revisionId, sha256 } = await http.storage.store(bytes, { title });
  const { id } = await http.storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  const path = `/api/v1/downloads/${id}`;
  return {
    ...http,
    id,
    path,
    etag: `"${sha256}"`,
    get: async (headers = {}, query = "") => {
      const response = await fetch(`${http.url}${path}${query}`, { headers });
      return { response, body: Buffer.from(await response.arrayBuffer()) };
    },
  };
}

test("a ticket gives the whole file, as often as it is asked until it ends", async (t) => {
  const { get, etag } = await openDownload(t);
  for (let time = 0; time < 2; time += 1) {
    const { response, body } = await get();
    assert.equal(response.status, 200);
    assert.ok(body.equals(content));
    assert.equal(response.headers.get("content-length"), "3000000");
    assert.equal(response.headers.get("etag"), etag);
    assert.equal(response.headers.get("accept-ranges"), "bytes");
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'; sandbox/);
    assert.match(response.headers.get("content-disposition") ?? "", /^attachment; filename="report\.bin"/);
  }
});

test("HEAD says the same without the file", async (t) => {
  const { url, path, etag, storage } = await openDownload(t);
  const { status, headers, text } = await request(url, path, { method: "HEAD" });
  assert.equal(status, 200);
  assert.deepEqual([headers["content-length"], headers.etag, text], ["3000000", etag, ""]);
  assert.deepEqual([...storage.downloads.running()], []);
});

test("ranges: a part, the rest, the end, and one that is outside", async (t) => {
  const { get, etag } = await openDownload(t);
  for (const [range, start, end] of [
    ["bytes=0-0", 0, 1],
    ["bytes=1000000-1999999", 1_000_000, 2_000_000],
    ["bytes=2999999-", 2_999_999, 3_000_000],
    ["bytes=-5", 2_999_995, 3_000_000],
  ] as const) {
    const { response, body } = await get({ range });
    assert.equal(response.status, 206, range);
    assert.equal(response.headers.get("content-range"), `bytes ${start}-${end - 1}/3000000`);
    assert.equal(response.headers.get("etag"), etag);
    assert.ok(body.equals(content.subarray(start, end)), range);
  }
  const outside = await get({ range: "bytes=3000000-" });
  assert.equal(outside.response.status, 416);
  assert.equal(outside.response.headers.get("content-range"), "bytes */3000000");
  assert.equal(outside.body.length, 0);
});

test("a range of another version of the file is the whole file", async (t) => {
  const { get, etag } = await openDownload(t);
  const range = "bytes=10-19";
  assert.equal((await get({ range, "if-range": etag })).response.status, 206);
  assert.equal((await get({ range, "if-range": '"other"' })).response.status, 200);
  assert.equal((await get({ range, "if-range": `W/${etag}` })).response.status, 200, "weak is not the same bytes");
  assert.equal((await get({ range, "if-range": "Sat, 21 Nov 2026 00:00:00 GMT" })).response.status, 200);
  assert.equal((await get({ "if-none-match": `"x", ${etag}` })).response.status, 304);
});

test("an empty file is an empty answer", async (t) => {
  const { get } = await openDownload(t, "empty", Buffer.alloc(0));
  const { response, body } = await get();
  assert.deepEqual([response.status, response.headers.get("content-length"), body.length], [200, "0", 0]);
  assert.equal((await get({ range: "bytes=0-" })).response.status, 416);
});

test("what cannot run is shown in the window when asked for; everything else is only saved", async (t) => {
  for (const [title, type] of [
    ["a.png", "image/png"],
    ["a.JPG", "image/jpeg"],
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.html", "text/plain; charset=utf-8"],
    ["a.js", "text/plain; charset=utf-8"],
    ["a.pdf", "application/pdf"],
    ["a.svg", undefined],
    ["a.exe", undefined],
    ["a.swf", undefined],
    ["constructor", undefined],
    ["a.constructor", undefined],
    ["png", undefined],
  ] as const) {
    const { get } = await openDownload(t, title, someBytes(10));
    const { headers } = (await get({}, "?inline=1")).response;
    assert.equal(headers.get("content-type"), type ?? "application/octet-stream", title);
    const kind = type === undefined ? /^attachment;/ : /^inline;/;
    assert.match(headers.get("content-disposition") ?? "", kind, title);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'/);
    assert.equal(/sandbox/.test(policy), type !== "application/pdf", title);
    assert.match((await get()).response.headers.get("content-disposition") ?? "", /^attachment;/, "unless it is asked");
  }
});

test("a hostile name stays in its header", async (t) => {
  const { get } = await openDownload(t, 'x"\r\nset-cookie: a=b\r\n文.txt', someBytes(10));
  const { headers } = (await get()).response;
  assert.equal(headers.get("set-cookie"), null);
  assert.match(
    headers.get("content-disposition") ?? "",
    /^attachment; filename="x___set-cookie_ a=b___\.txt"; filename\*=/,
  );
});

test("a ticket that is unknown, over, or for an upload gets a clear code", async (t) => {
  const { url, id, path, storage, clock } = await openDownload(t);
  const code = async (ticket: string): Promise<unknown> => {
    const answer = await request(url, ticket);
    return [answer.status, (JSON.parse(answer.text) as { error: { code: string } }).error.code];
  };
  assert.deepEqual(await code(`/api/v1/downloads/${randomBytes(32).toString("hex")}`), [404, "FILE_TASK_NOT_FOUND"]);
  assert.deepEqual(await code("/api/v1/downloads/..%2f..%2fetc%2fpasswd"), [404, "FILE_TASK_NOT_FOUND"]);
  const { taskId } = await storage.newUpload();
  assert.deepEqual(await code(`/api/v1/downloads/${taskId}`), [409, "FILE_TASK_OVER"]);
  clock.advance(3_600_000);
  assert.deepEqual(await code(path), [409, "FILE_TASK_OVER"]);
  assert.notEqual(await storage.tasks.get(id), undefined);
});

test("a reader that goes away in the middle lets go of the file", async (t) => {
  const big = someBytes(40_000_000);
  const { url, path, storage } = await openDownload(t, "big", big);
  const controller = new AbortController();
  const response = await fetch(`${url}${path}`, { signal: controller.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  assert.equal(storage.downloads.running().size, 1);
  controller.abort();
  await reader?.read().catch(() => {});
  await eventually(() => storage.downloads.running().size === 0);
});

test("a download put together from pieces after cuts is the file", async (t) => {
  const { get, etag } = await openDownload(t);
  const hash = createHash("sha256");
  for (let offset = 0; offset < content.length; ) {
    const headers = { range: `bytes=${offset}-${offset + 699_999}`, "if-range": etag };
    const { body } = await get(headers);
    hash.update(body);
    offset += body.length;
  }
  assert.equal(`"${hash.digest("hex")}"`, etag);
});
