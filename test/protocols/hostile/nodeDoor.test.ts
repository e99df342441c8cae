import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { NodeKey } from "../../support/nodeKey.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { attackerId, message } from "./attackers.ts";
import { quiet, type Scene, startScene } from "./scene.ts";
import { loneSurrogate } from "./shapes.ts";

failOnLeaks();

type Door = readonly [name: string, query: (scene: Scene) => string | Promise<string>];

const encoded = encodeURIComponent;
const made = async ({ core }: Scene, options: { readonly expiresIn?: number; readonly revoked?: boolean }) => {
  const { expiresIn, revoked = false } = options;
  const { token, info } = await core.core.tokens.create({
    uses: 5,
    group: "default",
    createdBy: "test",
    ...(expiresIn === undefined ? {} : { expiresIn }),
  });
  if (revoked) await core.core.tokens.revoke(info.id);
  return token;
};

const doors: readonly Door[] = [
  ["no query", () => ""],
  ["an empty token", () => "token="],
  ["a token that nobody made", () => "token=guessed"],
  ["a token that SQL would like", () => `token=${encoded("' OR 1=1 --")}`],
  ["a token of 60,000 characters", () => `token=${"x".repeat(60_000 / 8)}`],
  ["a token with a zero byte behind it", ({ nodeToken }) => `token=${nodeToken}%00&node_id=attacker-new`],
  ["a token in capitals", ({ nodeToken }) => `token=${nodeToken.toUpperCase()}&node_id=attacker-new`],
  ["a token cut by one", ({ nodeToken }) => `token=${nodeToken.slice(0, -1)}&node_id=attacker-new`],
  ["another parameter's token", ({ nodeToken }) => `Token=${nodeToken}&node_id=attacker-new`],
  ["an expired token", async (scene) => `token=${await made(scene, { expiresIn: -1 })}&node_id=attacker-new`],
  ["a revoked token", async (scene) => `token=${await made(scene, { revoked: true })}&node_id=attacker-new`],
  ["the default token", () => "token=default-token&node_id=attacker-new"],
  ["a console's access token", async ({ core }) => `token=${await core.signIn()}&node_id=attacker-new`],
  ["somebody else's place with a good token", ({ nodeToken }) => `token=${nodeToken}&node_id=${quiet.node}`],
  ["the place of a node without key, by key", () => `token=node:${quiet.node}&node_id=${quiet.node}`],
  ["the key of a node that is not there", () => "token=node:nobody&node_id=nobody"],
  ["the key of nobody", () => "token=node:"],
  ["the key of the prototype", () => "token=node:__proto__"],
  ["one node's key for another's place", () => `token=node:keyed&node_id=${quiet.node}`],
  ["an empty node id", ({ nodeToken }) => `token=${nodeToken}&node_id=`],
  ["a node id that is a path", ({ nodeToken }) => `token=${nodeToken}&node_id=${encoded("../../etc/passwd")}`],
  ["a node id with a blank", ({ nodeToken }) => `token=${nodeToken}&node_id=a%20b`],
  ["a node id with a line end", ({ nodeToken }) => `token=${nodeToken}&node_id=a%0Ab`],
  ["a node id with a zero byte", ({ nodeToken }) => `token=${nodeToken}&node_id=a%00`],
  ["a node id with markup", ({ nodeToken }) => `token=${nodeToken}&node_id=${encoded("<b>")}`],
  ["a node id of 129 characters", ({ nodeToken }) => `token=${nodeToken}&node_id=${"a".repeat(129)}`],
  ["a node id that is no UTF-8", ({ nodeToken }) => `token=${nodeToken}&node_id=%ff%fe`],
];

test("who has no right to be a node gets INVALID_TOKEN and 1008, whatever it says", async (t) => {
  const scene = await startScene(t);
  const { core } = scene;
  const key = new NodeKey();
  const keyed = await PlainNode.connect(t, core, { nodeId: "keyed" });
  await keyed.register({ picket: { version: 1, capabilities: [], public_key: key.publicKey } });
  await keyed.close();
  for (const [name, query] of doors) {
    await t.test(name, async () => {
      const peer = await RawPeer.connect(t, `${core.wsUrl}/api/v1/ws?${await query(scene)}`);
      const { type, data } = await peer.next();
      assert.deepEqual([type, (data as { error_code: string }).error_code], ["error", "INVALID_TOKEN"]);
      const { code } = await peer.closed;
      assert.deepEqual([code, peer.unread], [1008, 0]);
      await scene.assertQuiet(name);
    });
  }
  assert.equal(core.core.nodes.get("attacker-new"), undefined);
});

const answers: readonly (readonly [name: string, first: (proof: Proof) => unknown])[] = [
  ["a signature of nothing", () => message("challenge_response", { signature: "" })],
  ["a signature that is no text", () => message("challenge_response", { signature: 7 })],
  ["no signature", () => message("challenge_response", {})],
  ["a signature of 257 characters", () => message("challenge_response", { signature: "A".repeat(257) })],
  ["half a character", () => message("challenge_response", { signature: loneSurrogate })],
  ["64 zero bytes", () => message("challenge_response", { signature: Buffer.alloc(64).toString("base64") })],
  [
    "another key's signature",
    ({ nonce }) => message("challenge_response", { signature: new NodeKey().sign("keyed", nonce) }),
  ],
  [
    "a signature for another node",
    ({ nonce, key }) => message("challenge_response", { signature: key.sign("other", nonce) }),
  ],
  [
    "a signature of another nonce",
    ({ key }) => message("challenge_response", { signature: key.sign("keyed", "other") }),
  ],
  ["the signature of the challenge before", ({ replayed }) => message("challenge_response", { signature: replayed })],
  ["a registration instead", () => message("node_register", { hostname: "h", ip_address: "i" })],
  ["a heartbeat instead", () => message("heartbeat", { node_id: "keyed", status: "x" })],
  ["no JSON", () => "{"],
  ["a hello of a console", () => message("hello", { version: 1, capabilities: ["channels"] })],
  ["an array", () => "[]"],
];

interface Proof {
  readonly nonce: string;
  readonly key: NodeKey;
  /** What was right once, for another challenge. */
  readonly replayed: string;
}

test("a challenge has one right answer, once, and no second try", async (t) => {
  const scene = await startScene(t);
  const { core } = scene;
  const key = new NodeKey();
  const node = await PlainNode.connect(t, core, { nodeId: "keyed" });
  await node.register({ picket: { version: 1, capabilities: [], public_key: key.publicKey } });
  const challenged = async (): Promise<{ readonly peer: RawPeer; readonly nonce: string }> => {
    const peer = await PlainNode.dial(t, core, { token: "node:keyed", node_id: "keyed" });
    const { type, data } = await peer.next();
    assert.equal(type, "challenge");
    return { peer, nonce: (data as { nonce: string }).nonce };
  };
  const first = await challenged();
  const replayed = key.sign("keyed", first.nonce);
  first.peer.send(message("challenge_response", { signature: replayed }));
  assert.equal((await first.peer.next())["type"], "welcome");
  for (const [name, answer] of answers) {
    await t.test(name, async () => {
      const { peer, nonce } = await challenged();
      peer.send(answer({ nonce, key, replayed }));
      // The right answer behind the wrong one comes too late.
      peer.send(message("challenge_response", { signature: key.sign("keyed", nonce) }));
      const { type, data } = await peer.next();
      assert.deepEqual([type, (data as { error_code: string }).error_code], ["error", "INVALID_TOKEN"]);
      assert.equal((await peer.closed).code, 1008);
      await scene.assertQuiet(name);
    });
  }
  assert.equal((await node.heartbeat()).type, "heartbeat_ack", "the node's own connection is as it was");
});

test("what a node sends before welcome waits for it, and a binary message harms nobody", async (t) => {
  const scene = await startScene(t);
  const { core, nodeToken } = scene;
  const socketOf = async (): Promise<RawPeer> => PlainNode.dial(t, core, { token: nodeToken, node_id: attackerId });
  const early = await socketOf();
  for (let time = 0; time < 60; time += 1) early.send(message("heartbeat", { node_id: attackerId, status: "x" }));
  early.send(Buffer.from([1, 0, 0, 0, 1]));
  await early.nextOf("welcome");
  assert.equal((await early.nextOf("error"))["type"], "error");
  await scene.assertQuiet("early messages");
});
