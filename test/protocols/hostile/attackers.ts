import type { TestContext } from "node:test";
import type { Role } from "../../../src-main/core/identity/principal.ts";
import { PlainNode } from "../../support/plainNode.ts";
import type { RawPeer } from "../../support/rawPeer.ts";
import type { Attacker } from "./provoke.ts";
import type { Scene } from "./scene.ts";

export const attackerId = "attacker";

/** A message of either protocol, with an id of its own. */
export function message(type: unknown, data?: unknown, envelope: object = {}): object {
  return { type, id: `attack ${String(type).slice(0, 64)}`, timestamp: "2026-03-01T12:00:00Z", data, ...envelope };
}

const heartbeat = message("heartbeat", { node_id: attackerId, status: "online" }, { id: "marker" });
const ping = message("ping", {}, { id: "marker" });
export const allCapabilities = ["channels", "terminal", "exec-stream", "inventory"] as const;

export interface NodeAttackers {
  /** Let in by its token, not registered. */
  readonly guest: Attacker;
  /** A registered node of the plain protocol. */
  readonly node: Attacker;
  /** A registered node with everything that the extension has. */
  readonly extended: Attacker;
}

export function nodeAttackers(t: TestContext, scene: Scene): NodeAttackers {
  const enter = async (): Promise<PlainNode> => {
    const node = await PlainNode.connect(t, scene.core, { nodeId: attackerId, token: scene.nodeToken });
    node.peer.socket.on("error", () => {});
    return node;
  };
  const register = async (data: object): Promise<RawPeer> => {
    const node = await enter();
    await node.register({ ...data });
    return node.peer;
  };
  return {
    guest: { who: "a node that did not register", marker: heartbeat, connect: async () => (await enter()).peer },
    node: { who: "a node", marker: heartbeat, connect: () => register({}) },
    extended: {
      who: "a node with the extension",
      marker: heartbeat,
      connect: () => register({ picket: { version: 1, capabilities: allCapabilities } }),
    },
  };
}

/** A console without a token. */
export function stranger(scene: Scene): Attacker {
  return { who: "nobody", marker: ping, connect: () => scene.console() };
}

/** A console of a user who sees the group "default". */
export async function consoleAttacker(scene: Scene, role: Role): Promise<Attacker> {
  const token = await scene.core.userToken(role, ["default"]);
  return {
    who: `a console (${role})`,
    marker: ping,
    async connect() {
      const peer = await scene.console(`?token=${token}`);
      peer.send(message("ping", {}, { id: "signed in" }));
      await peer.nextOf("ping-response");
      return peer;
    },
  };
}

/** The same, after it said hello: it may open channels. */
export async function channelConsole(scene: Scene, role: Role): Promise<Attacker> {
  const { connect, who, marker } = await consoleAttacker(scene, role);
  return {
    who: `${who} with channels`,
    marker,
    async connect() {
      const peer = await connect();
      peer.send(message("hello", { version: 1, capabilities: ["channels"] }));
      await peer.nextOf("hello-response");
      return peer;
    },
  };
}
