import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket } from "ws";
import { Garbage } from "../../soak/garbage.ts";
import { consoleTemplates, nodeTemplates } from "../../soak/templates.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { quiet, type Scene, startScene } from "./scene.ts";

failOnLeaks();

const total = 100_000;
const peers = 24;
/** So many frames are sent, then the peer waits until the core has read them: the rate limit is not what is tried. */
const burst = 20;
const allowedGrowth = 150e6;
const within = 40_000;

interface Fuzzing {
  sent: number;
  connections: number;
  readonly internalErrors: Set<string>;
}

test("100,000 random frames over many connections", { timeout: within }, async (t) => {
  const seed = Number(process.env["PICKET_TEST_SEED"] ?? Date.now() % 1e9);
  t.diagnostic(`PICKET_TEST_SEED=${seed}`);
  const scene = await startScene(t);
  const tokens = {
    viewer: await scene.core.userToken("viewer", ["default"]),
    operator: await scene.core.userToken("operator", ["default"]),
  };
  const before = await scene.state();
  const heapBefore = heapUsed();
  const fuzzing: Fuzzing = { sent: 0, connections: 0, internalErrors: new Set() };
  let over = false;
  const watch = (async () => {
    for (let round = 0; !over; round += 1) {
      await scene.assertQuiet(`round ${round} of seed ${seed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const attacks = Array.from({ length: peers }, (_, index) => {
    const random = new SeededRandom(seed + index);
    const own = `attacker-${index}`;
    if (index % 2 === 0) {
      const url = `/api/v1/ws?token=${scene.nodeToken}&node_id=${own}`;
      return attack(t, { scene, url, fuzzing, garbage: new Garbage(random, named(nodeTemplates(own), quiet.node)) });
    }
    const target = index % 4 === 1 ? quiet.node : `attacker-${index - 1}`;
    const url = `/ws?token=${index % 3 === 0 ? tokens.viewer : tokens.operator}`;
    return attack(t, { scene, url, fuzzing, garbage: new Garbage(random, named(consoleTemplates(), target)) });
  });
  await Promise.all(attacks).finally(() => {
    over = true;
  });
  await watch;
  assert.deepEqual([...fuzzing.internalErrors], [], `seed ${seed}`);
  assert.ok(fuzzing.sent >= total && fuzzing.connections > peers, `${fuzzing.sent} over ${fuzzing.connections}`);
  await scene.assertQuiet("afterwards");
  assert.deepEqual(await scene.state(), before, `seed ${seed}`);
  const console = await scene.core.console();
  assert.ok((await console.request("node-list", { limit: 500 })).nodes.length <= 1 + peers);
  const { brokenAt } = await console.request("audit-verify", {});
  assert.equal(brokenAt, null);
  const growth = heapUsed() - heapBefore;
  assert.ok(growth < allowedGrowth, `the heap grew by ${(growth / 1e6).toFixed(0)} MB, seed ${seed}`);
});

function named(templates: readonly string[], target: string): readonly string[] {
  return templates.map((template) => template.replaceAll("watched-0", target).replaceAll("fuzz-1", target));
}

interface Attack {
  readonly scene: Scene;
  readonly url: string;
  readonly garbage: Garbage;
  readonly fuzzing: Fuzzing;
}

/** Connects, sends until it is thrown out, and comes again. */
async function attack(t: TestContext, { scene, url, garbage, fuzzing }: Attack): Promise<void> {
  while (fuzzing.sent < total) {
    const socket = new WebSocket(`${scene.core.wsUrl}${url}`, { perMessageDeflate: false });
    t.after(() => socket.terminate());
    socket.on("error", () => {});
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary || !data.includes("INTERNAL_ERROR")) return;
      fuzzing.internalErrors.add(data.toString("utf8").slice(0, 400));
    });
    const closed = once(socket, "close");
    await Promise.race([once(socket, "open"), closed]);
    fuzzing.connections += 1;
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

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
