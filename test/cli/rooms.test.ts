import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainDevice } from "../support/plainDevice.ts";
import { runCli } from "../support/runCli.ts";
import { startCore } from "../support/startCore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const day = 24 * 3_600_000;

test("room create answers what scripts rely on, and the token opens the room", async (t) => {
  const core = await startCore(t);
  const args = ["--name", "lab", "--max-clients", "2", "--expires", "30d"];
  const { code, out } = await runCli(core.dataFolder, "room", "create", ...args, "--json");
  const made = JSON.parse(out) as { readonly id: string; readonly token: string };
  assert.deepEqual([code, Object.keys(made)], [0, ["id", "token"]]);
  const device = await PlainDevice.join(t, `${core.wsUrl}/websocket`, made.token);
  assert.equal(await device.checkDevice(), "0");
  const [listed] = JSON.parse((await runCli(core.dataFolder, "room", "list", "--json")).out);
  const { created_at: createdAt, expires_at: expiresAt, ...rest } = listed;
  assert.deepEqual(rest, {
    id: made.id,
    name: "lab",
    max_clients: 2,
    clients: 1,
    created_by: "local",
    revoked_at: null,
  });
  assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 30 * day);
  const revoked = await runCli(core.dataFolder, "room", "revoke", made.id, "--json");
  assert.deepEqual(JSON.parse(revoked.out), { id: made.id, revoked: true });
  assert.equal((await device.closed).code, 1008);
  const records = await core.core.audit.list({ limit: 2 });
  assert.deepEqual(
    records.map(({ actor, action, target, outcome }) => [actor, action, target, outcome]),
    [
      ["local", "room-revoke", made.id, "done"],
      ["local", "room-create", "lab", "done"],
    ],
  );
});

test("rooms for people: the token alone on standard output, the list as a table", async (t) => {
  const { dataFolder } = await startCore(t);
  const { out, said } = await runCli(dataFolder, "room", "create");
  assert.match(out, /^pkt_room_\S+\n$/);
  assert.match(said, /^room [0-9a-f]+, for any number of clients, until \S+$/);
  const never = await runCli(dataFolder, "room", "create", "--expires", "never", "--max-clients", "3", "--name", "x");
  const [, id = ""] = /^room ([0-9a-f]+), for 3 client\(s\), never expires$/.exec(never.said) ?? [];
  assert.equal((await runCli(dataFolder, "room", "revoke", id)).out, "revoked\n");
  const table = (await runCli(dataFolder, "room", "list")).out;
  assert.match(table, /^ID +NAME +CLIENTS +EXPIRES +STATE\n/);
  assert.match(table, new RegExp(`^${id} +x +0/3 +never +revoked$`, "m"));
  assert.match(table, /^[0-9a-f]+ +0 +\S+Z +in force$/m);
  await assert.rejects(runCli(dataFolder, "room", "revoke", id), { code: "ROOM_NOT_FOUND" });
});

for (const [args, message] of [
  [["room"], /^usage: picket room create/],
  [["room", "revoke"], /^which room\? picket room/],
  [["room", "create", "--max-clients", "0"], /^--max-clients must be a whole number from 1, not "0"$/],
  [["room", "create", "--expires", "soon"], /^--expires must be like/],
] as const) {
  test(`picket ${args.join(" ")} is answered without asking a core`, async (t) => {
    const wrong = async () => runCli(temporaryFolder(t), ...args);
    await assert.rejects(wrong, (error: unknown) => error instanceof UsageError && message.test(error.message));
  });
}
