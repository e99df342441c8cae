import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DocumentCredentials } from "../../../src-main/protocols/documents/client/credentials.ts";
import type { DocumentsClient, DocumentsClientOptions } from "../../../src-main/protocols/documents/client.ts";
import { documentsClient } from "../../support/documentsClient.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainDocumentServer, type PlainServerOptions } from "../../support/plainDocumentServer.ts";

failOnLeaks();

interface Scene {
  readonly server: PlainDocumentServer;
  readonly client: DocumentsClient;
  readonly clock: ManualClock;
}

async function open(
  t: TestContext,
  options: PlainServerOptions = {},
  more: Partial<DocumentsClientOptions> = {},
): Promise<Scene> {
  const server = await PlainDocumentServer.start(t, options);
  const clock = new ManualClock();
  server.now = () => clock.wallTime() / 1000;
  return { server, clock, client: documentsClient(t, { url: server.url, clock, ...more }) };
}

const ann = { username: "ann", password: "secret" };
const root = { folder_id: null };

test("signing in brings a token, which every request carries", async (t) => {
  const { server, client, clock } = await open(t);
  await assert.rejects(client.request("list_directory", root), { code: "UNAUTHORIZED" });
  await assert.rejects(client.signIn({ ...ann, password: "wrong" }), { status: 401, message: "Invalid credentials" });
  const before: unknown = client.credentials;
  assert.equal(before, undefined);
  const result = await client.signIn(ann);
  assert.equal(result.status, "signed-in");
  assert.equal(client.credentials?.username, "ann");
  assert.equal(client.credentials?.expiresAt, clock.wallTime() + 3_600_000);
  const { documents, folders } = await client.request("list_directory", root);
  assert.deepEqual([documents, folders], [[], []]);
  assert.equal(server.requests.at(-1)?.["token"], client.credentials?.token);
});

test("the second factor is asked for, and the same is sent again with the code", async (t) => {
  const { client } = await open(t, { code: "123456" });
  assert.deepEqual(await client.signIn(ann), { status: "code-needed", method: "totp" });
  assert.equal((await client.signIn({ ...ann, code: "123456" })).status, "signed-in");
});

test("what the server refuses is told with its code, its words and its data", async (t) => {
  const { client } = await open(t);
  await client.signIn(ann);
  const missing = client.request("get_document", { document_id: "x" });
  await assert.rejects(missing, {
    name: "DocumentsRefusal",
    status: 404,
    code: "DOCUMENT_NOT_FOUND",
    message: "Document not found",
    data: {},
  });
});

test("many requests at once go one after another over one connection", async (t) => {
  const { server, client } = await open(t);
  await client.signIn(ann);
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.request("list_directory", root)));
  assert.equal(answers.length, 50);
  assert.equal(server.requests.length, 51);
});

test("a token is refreshed before it ends", async (t) => {
  const { server, client, clock } = await open(t);
  await client.signIn(ann);
  const seen: (DocumentCredentials | undefined)[] = [];
  client.onCredentials((credentials) => seen.push(credentials));
  const first = client.credentials?.token;
  await passBeating(server, clock, 3_300_000 - 1);
  assert.equal(client.credentials?.token, first);
  clock.advance(1);
  await eventually(() => client.credentials?.token !== first, { what: "another token" });
  assert.equal(client.credentials?.expiresAt, clock.wallTime() + 3_600_000);
  assert.deepEqual(seen, [client.credentials]);
});

test("a token that ended while this machine slept is replaced before anything is asked", async (t) => {
  let renewed = 0;
  const { server, client, clock } = await open(
    t,
    {},
    {
      renew: async () => {
        renewed += 1;
        const token = `renewed-${renewed}`;
        server.tokens.add(token);
        return { username: "ann", token, expiresAt: clock.wallTime() + 3_600_000 };
      },
    },
  );
  await client.signIn(ann);
  clock.jump(4_000_000);
  await Promise.all([client.request("list_directory", root), client.request("list_directory", root)]);
  assert.equal(renewed, 1, "however many ask");
  assert.equal(server.requests.at(-1)?.["token"], "renewed-1");
});

test("a token that the server no longer takes is replaced and the request asked again", async (t) => {
  const { server, client, clock } = await open(
    t,
    {},
    {
      renew: async () => {
        server.tokens.add("renewed");
        return { username: "ann", token: "renewed", expiresAt: clock.wallTime() + 3_600_000 };
      },
    },
  );
  await client.signIn(ann);
  server.tokens.clear();
  await client.request("list_directory", root);
  assert.equal(client.credentials?.token, "renewed");
});

test("without anybody to ask, a rejected token signs out", async (t) => {
  const { server, client } = await open(t);
  await client.signIn(ann);
  const seen: (DocumentCredentials | undefined)[] = [];
  client.onCredentials((credentials) => seen.push(credentials));
  server.tokens.clear();
  await assert.rejects(client.request("list_directory", root), { status: 403, message: "Invalid user or token" });
  assert.deepEqual(seen, [undefined]);
  await assert.rejects(client.request("list_directory", root), { code: "UNAUTHORIZED" });
});

test("a wrong code of the second factor signs nobody out", async (t) => {
  const { client } = await open(t);
  await client.signIn(ann);
  await assert.rejects(client.request("validate_2fa", { token: "000000" }), { status: 401 });
  assert.equal(client.credentials?.username, "ann");
});

test("a request that gets no answer ends, and takes its connection with it", async (t) => {
  const { server, client, clock } = await open(t, { silentOn: ["list_directory"] });
  await client.signIn(ann);
  const listing = assert.rejects(client.request("list_directory", root, { timeout: 5_000 }), { code: "TIMEOUT" });
  const waiting = client.request("get_document", { document_id: "x" }).catch((error: unknown) => error);
  await eventually(() => server.actions.includes("list_directory"));
  clock.advance(5_000);
  await listing;
  // Its late answer is taken for nobody's: the next request goes over another connection.
  const answer = await eventually(async () => {
    clock.advance(1);
    return await Promise.race([waiting, Promise.resolve(undefined)]);
  });
  assert.equal((answer as { readonly status: number }).status, 404);
});

test("a connection that is lost ends what was asked, and the next request makes another", async (t) => {
  const { server, client, clock } = await open(t, { silentOn: ["list_directory"] });
  await client.signIn(ann);
  const listing = assert.rejects(client.request("list_directory", root), { code: "PEER_LOST" });
  await eventually(() => server.actions.includes("list_directory"));
  server.dropAll();
  await listing;
  const asked = client.request("get_document", { document_id: "x" });
  const settled = asked.catch((error: unknown) => error);
  await eventually(async () => {
    clock.advance(1);
    return await Promise.race([settled, Promise.resolve(undefined)]);
  });
  await assert.rejects(asked, { status: 404 });
});

test("a server that is not there is said at once", async (t) => {
  const clock = new ManualClock();
  const client = documentsClient(t, { url: "ws://127.0.0.1:1", clock });
  await assert.rejects(client.request("server_info", {}), { code: "PEER_LOST" });
});

test("a lockdown is heard, and how it stands on every new connection", async (t) => {
  const { server, client, clock } = await open(t);
  const seen: boolean[] = [];
  client.onLockdown((active) => seen.push(active));
  client.start();
  await eventually(() => server.actions.includes("register_listener"));
  assert.deepEqual(seen, [false]);
  server.setLockdown(true);
  await eventually(() => seen.length === 2);
  server.dropAll();
  await eventually(() => {
    clock.advance(10);
    return seen.length === 3;
  });
  assert.deepEqual(seen, [false, true, true]);
  assert.equal(server.actions.filter((action) => action === "register_listener").length, 2);
});

test("a server that says nothing more is noticed", async (t) => {
  const { server, client, clock } = await open(t, { silentOn: ["server_info"] });
  await client.signIn(ann);
  const states: string[] = [];
  client.onState(({ status }) => states.push(status));
  clock.advance(30_000);
  await eventually(() => server.actions.includes("server_info"));
  clock.advance(10_000);
  await eventually(() => states.includes("waiting"), { what: "the loss" });
});

/** Lets time pass while the server answers what keeps the connection alive. */
async function passBeating(server: PlainDocumentServer, clock: ManualClock, time: number): Promise<void> {
  for (let left = time; left > 0; left -= 10_000) {
    const before = server.requests.length;
    clock.advance(Math.min(left, 10_000));
    await new Promise((resolve) => setImmediate(resolve));
    if (server.requests.length > before) await new Promise((resolve) => setImmediate(resolve));
  }
}
