import { withLocalCore } from "../../../src-main/cli/localCore.ts";
import { Child } from "../../bench/support/child.ts";
import { pause, residentBytes } from "../../bench/support/processUsage.ts";
import { CoreProcess } from "../../bench/support/product.ts";
import type { Fuzzer } from "../children/fuzzer.ts";
import type { PlainFleet } from "../children/plainFleet.ts";
import { type Check, forMinutes, type SoakOptions, type Trial } from "../trial.ts";

const peers = 20;
const bystanders = 20;
const viewer = { username: "viewer", password: "correct horse battery" };
/** A bystander's sample is acked within this, in milliseconds, however loud the others are. */
const ackWithin = 5_000;
/** What the core may grow by after its first minute, in MB. */
const allowedGrowth = 200;
const renewEvery = 30 * 60_000;

/** Hostile peers who are let in, for minutes: the core stays, stays small, and no honest peer notices. */
export const fuzz: Trial = {
  letter: "d",
  title: "hostile peers send what they like",
  minutes: 10,
  async run({ minutes, seed, say }: SoakOptions): Promise<readonly Check[]> {
    const core = await CoreProcess.start();
    await withLocalCore(core.dataFolder, (client) => client.request("user-create", { ...viewer, role: "viewer" }));
    const fleet = Child.start<PlainFleet>(import.meta.url, "../children/plainFleet.ts");
    const fuzzer = Child.start<Fuzzer>(import.meta.url, "../children/fuzzer.ts");
    const fleetUrl = `${core.wsUrl}/api/v1/ws?token=${await core.token(bystanders)}`;
    await fleet.call("start", { url: fleetUrl, prefix: "watched", count: bystanders, interval: 1_000 });
    await fuzzer.call("renew", await core.signIn(viewer));
    await pause(3_000);
    const size = { wsUrl: core.wsUrl, nodeToken: await core.token(peers), peers, seed };
    await fuzzer.call("start", size);
    let signedInAt = performance.now();
    let slowest = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    await forMinutes(minutes, 1_000, async () => {
      if (!core.isRunning) throw new Error("the core is gone");
      slowest = Math.max(slowest, (await fleet.call("status", undefined)).oldest);
      const megabytes = residentBytes(core.pid) / 1e6;
      least = Math.min(least, megabytes);
      most = Math.max(most, megabytes);
      if (performance.now() - signedInAt < renewEvery) return;
      signedInAt = performance.now();
      await fuzzer.call("renew", await core.signIn(viewer));
    });
    const status = await fuzzer.call("status", undefined);
    say(`${status.sent} messages over ${status.connections} connections`);
    await fuzzer.call("stop", undefined);
    await fuzzer.stop();
    const { users, nodes } = await whatIsThere(core);
    await fleet.stop();
    await core.stop();
    const { internalErrors } = status;
    return [
      { what: "messages sent", value: `${status.sent}, ${status.received} answers`, ok: status.sent > 1_000 },
      { what: "connections that were used up", value: String(status.connections) },
      { what: "the core is still there", value: "yes", ok: true },
      { what: "slowest ack of a bystander", value: `${slowest} ms`, ok: slowest <= ackWithin },
      {
        what: "memory of the core",
        value: `${least.toFixed(0)}–${most.toFixed(0)} MB`,
        ok: most - least <= allowedGrowth,
      },
      { what: "answers that say INTERNAL_ERROR", value: internalErrors[0] ?? "none", ok: internalErrors.length === 0 },
      { what: "users, nodes", value: `${users}, ${nodes}`, ok: users === 2 && nodes <= bystanders + peers },
    ];
  },
};

async function whatIsThere({ dataFolder }: CoreProcess): Promise<{ readonly users: number; readonly nodes: number }> {
  return withLocalCore(dataFolder, async (client) => {
    const { users } = await client.request("user-list", {});
    const { nodes } = await client.request("node-list", { limit: 500 });
    return { users: users.length, nodes: nodes.length };
  });
}
