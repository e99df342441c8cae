import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { Garbage } from "../../soak/garbage.ts";
import { runCommand } from "../../support/commandHelpers.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { roundTrip } from "../../support/passTime.ts";
import { dialDashboard, makeKey, PlainAgent } from "../../support/plainAgent.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { quiet, type Scene, startScene } from "./scene.ts";
import { loneSurrogate, megabyte, nested, nestedObjects } from "./shapes.ts";

failOnLeaks();

const total = 20_000;
const burst = 20;

/** Correct messages of an agent and of a dashboard; `self` is the server that the connection is. */
function templates(self: string): readonly string[] {
  const disk_usage = [{ mount: "/", device: "/dev/sda1", total: 10, used: 5, percent: 50 }];
  const network = [{ interface: "eth0", rx_bytes: 1, tx_bytes: 2, rx_rate: 3, tx_rate: 4 }];
  const timestamp = "2026-01-01T00:00:00Z";
  const metrics = { type: "metrics", cpu_percent: 5, memory_percent: 6, disk_usage, network, timestamp };
  const response = { type: "command_response", output: "x", exit_code: 0, duration_ms: 1 };
  return [
    { type: "auth", api_key: "pkt_api_000000000000_x" },
    { type: "auth", token: "eyJhbGciOiJIUzI1NiJ9.e30.x" },
    { ...metrics, server_id: self },
    { ...metrics, server_id: quiet.node },
    { ...response, command_id: "c" },
    { type: "docker_response", command_id: "c", success: true, message: "done", data: { text: "x" } },
    { type: "log", entries: [{ level: "INFO", message: "hello", timestamp, source: "fuzz" }] },
    { type: "error", message: "no" },
  ].map((message) => JSON.stringify(message));
}

test("an agent's messages that never were right cost nobody but itself", async (t) => {
  const scene = await startScene(t);
  const before = await scene.state();
  const key = await makeKey(scene.core, { name: "attacker" });
  const attacks: readonly (string | Buffer)[] = [
    nested(100_000),
    nestedObjects(100_000),
    `{"type":"metrics","disk_usage":${nested(100_000)}}`,
    `{"type":"log","entries":[${nestedObjects(50_000)}]}`,
    `{"type":"docker_response","command_id":"c","success":true,"data":${nestedObjects(50_000)}}`,
    JSON.stringify({ type: "metrics", server_id: quiet.node, cpu_percent: 99 }),
    JSON.stringify({ type: "command_response", command_id: scene.quietCommand, output: "forged", exit_code: 0 }),
    JSON.stringify({ type: "command_response", command_id: "../../etc/passwd", output: "", exit_code: 0 }),
    JSON.stringify({ type: "command_response", command_id: "c", output: "", exit_code: 1e308 }),
    JSON.stringify({ type: "log", entries: Array.from({ length: 1_001 }, () => ({ message: "x" })) }),
    JSON.stringify({ type: "log", entries: [{ message: loneSurrogate, level: "constructor", source: loneSurrogate }] }),
    JSON.stringify({ type: "log", entries: [{ message: "x".repeat(900_000), source: "y".repeat(10_000) }] }),
    JSON.stringify({ type: "__proto__", __proto__: { type: "metrics" } }),
    '{"type":"metrics","__proto__":{"server_id":"x"},"constructor":1}',
    Buffer.alloc(70_000, 1),
  ];
  for (const attack of attacks) {
    const agent = await PlainAgent.join(t, scene.core, key);
    agent.peer.socket.on("error", () => {});
    agent.peer.send(attack);
    agent.peer.socket.close();
    await agent.peer.closed;
    await scene.assertQuiet(attack.toString("utf8").slice(0, 80));
  }
  const large = await PlainAgent.join(t, scene.core, key);
  large.peer.socket.on("error", () => {});
  large.peer.send("x".repeat(2 * megabyte));
  assert.equal((await large.peer.closed).code, 1009);
  await scene.core.core.nodes.remove(key.serverId);
  assert.deepEqual(await scene.state(), before);
});

test("the key of one server opens nothing of another one, and a token is no key", async (t) => {
  const scene = await startScene(t);
  const key = await makeKey(scene.core, { name: "attacker" });
  const token = await scene.core.userToken("administrator");
  for (const given of [
    token,
    scene.nodeToken,
    `${key.apiKey} `,
    key.apiKey.toUpperCase(),
    key.apiKey.replace("api", "enrol"),
  ]) {
    const peer = await PlainAgent.dial(t, scene.core);
    peer.send({ type: "auth", api_key: given });
    assert.equal((await peer.next())["message"], "Invalid or inactive API key");
    assert.equal((await peer.closed).code, 1008);
  }
  for (const kind of ["metrics", "logs"] as const) {
    const dashboard = await dialDashboard(t, scene.core, { kind, serverId: key.serverId });
    dashboard.send({ type: "auth", token: key.apiKey });
    assert.equal((await dashboard.next())["message"], "Invalid or expired token");
    assert.equal((await dashboard.closed).code, 1008);
  }
  const { id } = await runCommand(scene.core, { nodeId: quiet.node });
  const agent = await PlainAgent.join(t, scene.core, key);
  agent.peer.send({ type: "command_response", command_id: id, output: "forged", exit_code: 0, duration_ms: 1 });
  agent.report();
  await roundTrip(agent.peer);
  agent.peer.socket.close();
  await agent.peer.closed;
  assert.equal((await scene.core.core.commands.get(id))?.status, "sent");
});

test("20,000 random frames to agents and dashboards", { timeout: 60_000 }, async (t) => {
  const seed = Number(process.env["PICKET_TEST_SEED"] ?? Date.now() % 1e9);
  t.diagnostic(`PICKET_TEST_SEED=${seed}`);
  const scene = await startScene(t);
  const token = await scene.core.userToken("viewer", ["default"]);
  const before = await scene.state();
  const key = await makeKey(scene.core, { name: "attacker" });
  const fuzzing = { sent: 0 };
  const places = [
    { path: "/api/v1/agents/ws", first: { type: "auth", api_key: key.apiKey } },
    { path: "/api/v1/agents/ws", first: undefined },
    { path: `/api/v1/ws/metrics/${key.serverId}`, first: { type: "auth", token } },
    { path: `/api/v1/ws/logs/${key.serverId}`, first: { type: "auth", token } },
    { path: `/api/v1/ws/metrics/${quiet.node}`, first: { type: "auth", token } },
    { path: `/api/v1/ws/logs/${key.serverId}`, first: undefined },
  ];
  let over = false;
  const watch = (async () => {
    for (let round = 0; !over; round += 1) {
      await scene.assertQuiet(`round ${round} of seed ${seed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const attacks = places.map((place, index) => {
    const garbage = new Garbage(new SeededRandom(seed + index), templates(key.serverId));
    return attack(t, { scene, ...place, garbage, fuzzing });
  });
  await Promise.all(attacks).finally(() => {
    over = true;
  });
  await watch;
  await scene.core.core.nodes.remove(key.serverId);
  assert.deepEqual(await scene.state(), before, `seed ${seed}`);
});

interface Attack {
  readonly scene: Scene;
  readonly path: string;
  readonly first: object | undefined;
  readonly garbage: Garbage;
  readonly fuzzing: { sent: number };
}

/** Connects, sends until it is thrown out, and comes again. */
async function attack(t: TestContext, { scene, path, first, garbage, fuzzing }: Attack): Promise<void> {
  while (fuzzing.sent < total) {
    const socket = new WebSocket(`${scene.core.wsUrl}${path}`, { perMessageDeflate: false });
    t.after(() => socket.terminate());
    socket.on("error", () => {});
    const closed = once(socket, "close");
    await Promise.race([once(socket, "open"), closed]);
    if (first !== undefined && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(first));
    while (fuzzing.sent < total && socket.readyState === WebSocket.OPEN) {
      for (let count = 0; count < burst; count += 1) {
        const message = garbage.next();
        socket.send(message, { binary: typeof message !== "string" });
        fuzzing.sent += 1;
      }
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      await Promise.race([once(socket, "pong"), closed]);
    }
    socket.terminate();
    await closed;
  }
}
