import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src-main/base/clock.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { HttpFront, type HttpFrontOptions } from "../../src-main/http/httpFront.ts";
import { SocketAcceptor } from "../../src-main/wire/node/acceptSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { request } from "../support/request.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

async function setUp(t: TestContext, options: Partial<HttpFrontOptions> = {}) {
  const keepAlive = new KeepAlive(systemClock);
  const front = await HttpFront.create({
    acceptor: new SocketAcceptor(systemClock, keepAlive),
    endpoints: [],
    allowedHosts: ["picket.example"],
    consoleFolder: undefined,
    logger: silentLogger,
    routes: (app) => {
      app.get("/fails", () => Promise.reject(new Error("a secret of the inside")));
      app.post("/echo", async ({ body }) => body);
    },
    ...options,
  });
  t.after(async () => {
    await front.close();
    keepAlive.dispose();
  });
  const { port } = await front.listen({ host: "127.0.0.1", port: 0 });
  return { front, url: `http://127.0.0.1:${port}`, port };
}

/** A folder as the build makes it, with something beside it that is nobody's business. */
function consoleFolder(t: TestContext): string {
  const parent = temporaryFolder(t);
  const folder = join(parent, "renderer");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>the console</title>");
  writeFileSync(join(folder, "assets", "index-abc123.js"), "export {};");
  writeFileSync(join(parent, "secret.txt"), "a secret beside it");
  return folder;
}

const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

test("every answer has the headers that keep a browser on a short leash, also a refusal", async (t) => {
  const { url } = await setUp(t, { consoleFolder: consoleFolder(t) });
  const answers = [
    await request(url, "/"),
    await request(url, "/assets/index-abc123.js"),
    await request(url, "/nothing"),
    await request(url, "/fails"),
    await request(url, "/", { headers: { host: "evil.example" } }),
    await request(url, "/echo", { method: "POST", headers: { origin: "http://evil.example" } }),
    await request(url, "/echo", { method: "POST", headers: { "content-type": "text/html" }, body: "x" }),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 404, 500, 403, 403, 415],
  );
  for (const { headers } of answers) {
    assert.equal(headers["content-security-policy"], contentSecurityPolicy);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["permissions-policy"], "camera=(), microphone=(), geolocation=()");
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["x-powered-by"], undefined);
  }
});

test("a name that is not ours is refused before anything is looked at", async (t) => {
  const { url, port } = await setUp(t);
  for (const host of ["evil.example", "a b", `127.0.0.1.evil.example:${port}`]) {
    const answer = await request(url, "/echo", { method: "POST", headers: { host } });
    assert.equal(answer.status, 403, host);
    assert.equal((JSON.parse(answer.text) as { error: { details: string } }).error.details, "set allowed-hosts");
  }
  for (const host of ["picket.example", `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
    assert.equal((await request(url, "/nothing", { headers: { host } })).status, 404, host);
  }
});

test("what fails inside stays inside", async (t) => {
  const { url } = await setUp(t);
  const { text } = await request(url, "/fails");
  assert.deepEqual(JSON.parse(text), {
    error: { code: "INTERNAL_ERROR", message: "Something went wrong inside." },
  });
});

test("the console's files: the page is asked for every time, what has a hash in its name is kept", async (t) => {
  const { url } = await setUp(t, { consoleFolder: consoleFolder(t) });
  const page = await request(url, "/");
  assert.match(page.text, /the console/);
  assert.match(String(page.headers["content-type"]), /^text\/html/);
  assert.equal(page.headers["cache-control"], "no-cache");
  const script = await request(url, "/assets/index-abc123.js");
  assert.match(String(script.headers["content-type"]), /javascript/);
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
  const head = await request(url, "/", { method: "HEAD" });
  assert.deepEqual([head.status, head.text], [200, ""]);
});

const ways = [
  "/../secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/%252e%252e%252fsecret.txt",
  "/assets/../../secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/..\\secret.txt",
  "/..%5csecret.txt",
  "/..;/secret.txt",
  "//../secret.txt",
  "/assets//..//..//secret.txt",
  "/%00/../secret.txt",
  "/index.html%00.js",
  "/%",
  "/%ff%fe",
  "/assets/",
  "/assets",
  "file:///etc/passwd",
  "/etc/passwd",
];

test("no path leads out of the console's folder or lists it", async (t) => {
  const { url } = await setUp(t, { consoleFolder: consoleFolder(t) });
  for (const path of ways) {
    const { status, text } = await request(url, path);
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    assert.doesNotMatch(text, /a secret|index-abc123|root:/, path);
  }
});

test("paths and methods that are not there are 404 and change nothing", async (t) => {
  const { url } = await setUp(t, { consoleFolder: consoleFolder(t) });
  for (const [method, path] of [
    ["GET", "/nothing"],
    ["GET", "/api/v1/nothing?x=1"],
    ["GET", "/echo"],
    ["DELETE", "/"],
    ["PUT", "/index.html"],
    ["OPTIONS", "/echo"],
    ["POST", "/nothing"],
  ] as const) {
    const answer = await request(url, path, { method });
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.deepEqual(JSON.parse(answer.text), { error: { code: "NOT_FOUND", message: "There is nothing here." } });
  }
});

test("without a built console there is none, and the rest works", async (t) => {
  const { url } = await setUp(t);
  assert.equal((await request(url, "/")).status, 404);
  const headers = { "content-type": "application/json" };
  const echo = await request(url, "/echo", { method: "POST", headers, body: '{"a":1}' });
  assert.deepEqual([echo.status, echo.text], [200, '{"a":1}']);
});

test("a body may have 64 KiB", async (t) => {
  const { url } = await setUp(t);
  const headers = { "content-type": "application/json" };
  const bodyOf = (length: number): string => JSON.stringify("x".repeat(length - 2));
  const send = (body: string) => request(url, "/echo", { method: "POST", headers, body });
  assert.equal((await send(bodyOf(64 * 1024))).status, 200);
  assert.equal((await send(bodyOf(64 * 1024 + 1))).status, 413);
});

test("a listener of one protocol serves nothing else", async (t) => {
  const { front } = await setUp(t, { consoleFolder: consoleFolder(t) });
  const { port } = await front.listen({ host: "127.0.0.1", port: 0, protocol: "nodes" });
  for (const path of ["/", "/echo", "/healthz", "/index.html"]) {
    const answer = await request(`http://127.0.0.1:${port}`, path);
    assert.deepEqual([answer.status, answer.text], [426, ""], path);
  }
});

test("an address that cannot be used is refused in one sentence", async (t) => {
  const { front } = await setUp(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(front.listen({ host: "127.0.0.1", port }), {
    code: "PORT_IN_USE",
    message: `Cannot listen on 127.0.0.1:${port}: another program listens there already.`,
  });
  await assert.rejects(front.listen({ host: "192.0.2.1", port: 0 }), {
    code: "PORT_IN_USE",
    message: "Cannot listen on 192.0.2.1:0: this machine has no such address.",
  });
});

test("closing it ends requests that are under way", async (t) => {
  const started = Promise.withResolvers<void>();
  const { front, url } = await setUp(t, {
    routes: (app) => {
      app.get("/hangs", () => {
        started.resolve();
        return new Promise(() => {});
      });
    },
  });
  const hanging = request(url, "/hangs");
  await started.promise;
  await Promise.all([assert.rejects(hanging), front.close()]);
});
