import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { LogEntry } from "../../../src-main/core/logs/logEntry.ts";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import type { LogTailItem } from "../../../src-main/protocols/machines/messages/logs.ts";
import type { Channel } from "../../../src-main/wire/channels/channel.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

/** A core with a node in each of two groups. */
async function twoNodes(t: TestContext): Promise<TestCore> {
  const core = await startCore(t);
  await PlainNode.join(t, core, { nodeId: "node-a", group: "a" });
  await PlainNode.join(t, core, { nodeId: "node-b", group: "b" });
  return core;
}

/** Stores lines of a node; `source` and `level` are of all of them. */
function add(
  core: TestCore,
  nodeId: string,
  lines: readonly string[] | (Partial<LogEntry> & { readonly messages: readonly string[] }),
): Promise<void> {
  const { key } = core.core.nodes.require(nodeId);
  const { messages, ...entry } = "messages" in lines ? lines : { messages: lines };
  const usual = { level: "info", source: "test" } as const;
  return core.core.logs.append(
    key,
    messages.map((message) => ({ ...usual, ...entry, time: Date.now(), message })),
  );
}

interface Tail {
  readonly channel: Channel;
  readonly items: LogTailItem[];
  readonly messages: readonly string[];
  readonly skipped: number;
  /** How it ended: a reset's reason, or empty. */
  readonly ended: string | undefined;
  /** Lets the core send on. */
  read(): void;
}

async function tail(client: MachinesClient, params: object = {}, isReading = true): Promise<Tail> {
  await client.hello();
  const items: LogTailItem[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  let ended: string | undefined;
  let unread = 0;
  const { channel } = await client.openChannel({
    kind: "logs",
    params: { ...params },
    window: 16 * 1024,
    handler: {
      data(bytes) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        items.push(...lines.map((line) => JSON.parse(line) as LogTailItem));
        unread += bytes.length;
        if (isReading) result.read();
      },
      ended() {},
      writable() {},
      closed(reset) {
        ended = reset?.reason ?? "";
      },
    },
  });
  const result: Tail = {
    channel,
    items,
    get messages() {
      return items.flatMap((item) => ("message" in item && item.source !== "picket-core" ? [item.message] : []));
    },
    get skipped() {
      return items.reduce((sum, item) => sum + ("skipped" in item ? item.skipped : 0), 0);
    },
    get ended() {
      return ended;
    },
    read() {
      isReading = true;
      channel.consumed(unread);
      unread = 0;
    },
  };
  return result;
}

test("a search finds the lines of the nodes that a user may see, and of no others", async (t) => {
  const core = await twoNodes(t);
  await add(core, "node-a", ["of a"]);
  await add(core, "node-b", { messages: ["of b"], source: "secret.service" });
  const limited = await core.console(await core.userToken("viewer", ["a"]));
  const search = async (client: MachinesClient, params: object = {}): Promise<string[]> =>
    (await client.request("log-search", { sources: ["test", "secret.service"], ...params })).lines.map(
      ({ message }) => message,
    );
  const admin = await core.console();
  assert.deepEqual(await search(admin), ["of b", "of a"]);
  assert.deepEqual(await search(limited), ["of a"]);
  assert.deepEqual(await search(limited, { text: "of" }), ["of a"]);
  await assert.rejects(search(limited, { nodeIds: ["node-b"] }), { code: "NODE_NOT_FOUND" });
  await assert.rejects(search(limited, { nodeIds: ["node-a", "node-b"] }), { code: "NODE_NOT_FOUND" });
  await assert.rejects(search(limited, { nodeIds: [] }), { code: "INVALID_PARAMS" });
  assert.deepEqual((await limited.request("log-sources", {})).sources, ["picket-core", "test"]);
  assert.deepEqual((await admin.request("log-sources", {})).sources, ["picket-core", "secret.service", "test"]);
  const nobody = await core.console(await core.userToken("viewer", []));
  assert.deepEqual(await search(nobody), []);
  assert.deepEqual((await nobody.request("log-sources", {})).sources, []);
});

test("pages of very long lines fit a message, and together have every line once", async (t) => {
  const core = await twoNodes(t);
  const messages = Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(16_000)}`);
  await add(core, "node-a", messages);
  const client = await core.console();
  const found: string[] = [];
  let before: number | null | undefined;
  do {
    const page = await client.request("log-search", { limit: 1000, sources: ["test"], before: before ?? undefined });
    found.push(...page.lines.map(({ message }) => message));
    before = page.next;
  } while (before !== null);
  assert.deepEqual(found, messages.toReversed());
});

test("lines that come in are shown as they come, only those that are wanted", async (t) => {
  const core = await twoNodes(t);
  await add(core, "node-a", ["before"]);
  const all = await tail(await core.console());
  const some = await tail(await core.console(), {
    nodeIds: ["node-a"],
    levels: ["error", "critical"],
    text: "disk -full",
  });
  await add(core, "node-a", { messages: ["disk broken", "disk full", "other"], level: "error" });
  await add(core, "node-a", ["disk fine"]);
  await add(core, "node-b", { messages: ["disk of b"], level: "error" });
  await eventually(() => all.messages.length === 5);
  assert.deepEqual(all.messages, ["disk broken", "disk full", "other", "disk fine", "disk of b"]);
  assert.deepEqual(some.messages, ["disk broken"]);
});

test("a tail may begin with what is stored, without a gap and without a line twice", async (t) => {
  const core = await twoNodes(t);
  const since = Date.now();
  await add(core, "node-a", ["1", "2"]);
  const client = await core.console();
  const opening = tail(client, { since });
  const writing = (async () => {
    for (let count = 3; count <= 40; count += 1) await add(core, "node-a", [`${count}`]);
  })();
  const shown = await opening;
  await writing;
  const expected = Array.from({ length: 40 }, (_, index) => `${index + 1}`);
  await eventually(() => shown.messages.length >= 40);
  assert.deepEqual(shown.messages, expected);
});

test("a console that does not read gets fewer lines and is told how many; nobody else waits for it", async (t) => {
  const core = await twoNodes(t);
  const slow = await tail(await core.console(), {}, false);
  const quick = await tail(await core.console());
  const count = 5_000;
  for (let at = 0; at < count; at += 500) {
    await add(
      core,
      "node-a",
      Array.from({ length: 500 }, (_, index) => `line ${at + index} ${"x".repeat(100)}`),
    );
    await eventually(() => quick.messages.length + quick.skipped >= at + 500);
  }
  assert.ok(slow.messages.length < count / 2, `${slow.messages.length} lines came that nobody took`);
  slow.read();
  await eventually(() => slow.skipped > 0);
  await add(core, "node-a", ["last"]);
  await eventually(() => slow.messages.includes("last"));
  assert.equal(slow.messages.length - 1 + slow.skipped, count, "every line was shown or counted");
});

test("who may see a node no longer sees no further line of it", async (t) => {
  const core = await twoNodes(t);
  const token = await core.userToken("viewer", ["a"]);
  const user = (await core.core.users.list()).find(({ role }) => role === "viewer");
  const limited = await tail(await core.console(token));
  await add(core, "node-b", ["of b"]);
  await add(core, "node-a", ["seen"]);
  await eventually(() => limited.messages.length === 1);
  await core.core.nodes.change("node-a", { group: "b" });
  await add(core, "node-a", ["moved away"]);
  await core.core.nodes.change("node-a", { group: "a" });
  await add(core, "node-a", ["back"]);
  await eventually(() => limited.messages.includes("back"));
  await core.core.users.change(user?.id ?? "", { groups: ["c"] });
  const witness = await tail(await core.console());
  await eventually(async () => {
    await add(core, "node-a", ["after the group was taken"]);
    return witness.messages.length > 3;
  });
  assert.deepEqual(limited.messages.slice(0, 2), ["seen", "back"]);
  // What was on its way when the group was taken may have come; from then on nothing does.
  const { length } = limited.messages;
  await add(core, "node-a", ["the very last"]);
  await eventually(() => witness.messages.includes("the very last"));
  assert.equal(limited.messages.length, length);
  await core.core.users.remove(user?.id ?? "");
  await eventually(() => limited.ended !== undefined);
});

test("what a tail is asked for is checked before it opens", async (t) => {
  const core = await twoNodes(t);
  const limited = await core.console(await core.userToken("viewer", ["a"]));
  await assert.rejects(tail(limited, { nodeIds: ["node-b"] }), { code: "NODE_NOT_FOUND" });
  await assert.rejects(tail(limited, { levels: ["loud"] }), { code: "INVALID_PARAMS" });
  await assert.rejects(tail(limited, { text: 7 }), { code: "INVALID_PARAMS" });
});

test("of a removed node nothing is left to be found", async (t) => {
  const core = await twoNodes(t);
  await add(core, "node-a", ["of a"]);
  const client = await core.console();
  await client.request("node-remove", { nodeId: "node-a" });
  const { lines } = await client.request("log-search", {});
  assert.ok(lines.every(({ nodeId }) => nodeId === "node-b"));
});
