import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { runCommand } from "../../support/commandHelpers.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

export const quiet = { group: "quiet", node: "innocent" } as const;

/** How many nodes the attackers may enrol. */
const attackers = 10_000;

/** A core with an innocent node and an innocent console, who must not notice anything of what the others do. */
export interface Scene {
  readonly core: TestCore;
  /** An enrolment token for the group "default". */
  readonly nodeToken: string;
  /** A command of the innocent node, ended. */
  readonly quietCommand: string;
  /** Opens a console's socket with this query and nothing else. */
  console(query?: string): Promise<RawPeer>;
  /** Fails when the innocent ones were told something, lost their connections or get no answer. */
  assertQuiet(what: string): Promise<void>;
  /** Everything of the core that no attacker may change. What the audit log says is not part of it. */
  state(): Promise<object>;
}

export async function startScene(t: TestContext): Promise<Scene> {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core, { nodeId: quiet.node, group: quiet.group });
  await node.heartbeat({ cpu_usage: 7, memory_usage: 8 });
  const command = await runCommand(core, { nodeId: quiet.node });
  await node.nextOf("execute_command");
  await node.result(command.id);
  const console = async (query = ""): Promise<RawPeer> => {
    const peer = await RawPeer.connect(t, `${core.wsUrl}/ws${query}`);
    // A peer that is thrown out in the middle of a message sees its own write fail.
    peer.socket.on("error", () => {});
    return peer;
  };
  const watcher = await console(`?token=${await core.userToken("operator", [quiet.group])}`);
  for (const data of [{ topic: "nodes" }, { topic: "commands" }, { topic: "node-metrics", nodeId: quiet.node }]) {
    watcher.send({ type: "subscribe", id: data.topic, data });
    assert.equal((await watcher.nextOf("subscribe-response"))["id"], data.topic);
  }
  const nodeToken = await core.enrolmentToken(attackers);
  const assertQuiet = async (what: string): Promise<void> => {
    assert.equal((await node.heartbeat()).type, "heartbeat_ack", what);
    assert.equal(node.peer.unread, 0, `the node was told something: ${what}`);
    watcher.send({ type: "ping", id: what, data: {} });
    const { type, id } = await watcher.next();
    assert.deepEqual([type, id], ["ping-response", what], "the console was told something");
    assert.equal(watcher.unread, 0, `the console was told something: ${what}`);
  };
  await assertQuiet("before");
  return {
    core,
    nodeToken,
    quietCommand: command.id,
    console,
    assertQuiet,
    state: () => stateOf(core),
  };
}

async function stateOf({ core }: TestCore): Promise<object> {
  const nodes = core.nodes.list().filter(({ nodeId }) => !nodeId.startsWith("attacker"));
  const users = await core.users.list();
  const sessions = await Promise.all(users.map(({ id }) => core.sessions.list(id)));
  const commands = await core.commands.list({ nodeKeys: nodes.map(({ key }) => key), limit: 100 });
  const { key } = core.nodes.require(quiet.node);
  const day = 86_400_000;
  const asked = { metrics: ["cpu_usage"], from: Date.now() - 3 * day, to: Date.now() + day, points: 2000 } as const;
  const { times } = await core.metrics.history(key, asked);
  return {
    nodes,
    users,
    sessions: sessions.flat().map(({ id }) => id),
    commands,
    output: await Promise.all(commands.map(({ id }) => core.commands.output(id))),
    tokens: (await core.tokens.list()).map(({ used: _, ...token }) => token),
    facts: await core.nodes.facts(quiet.node),
    samples: times.length,
    latest: core.metrics.latest(key),
  };
}
