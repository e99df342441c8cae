import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainDevice } from "../../support/plainDevice.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

test("a console makes a room, sees who comes and goes, and revokes it", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const console = await core.console();
  let pushes = 0;
  console.onPush("rooms-changed", () => {
    pushes += 1;
  });
  await console.request("subscribe", { topic: "rooms" });
  const { token, room } = await console.request("room-create", { name: "lab", maxClients: 4, expiresIn: null });
  assert.deepEqual([room.name, room.maxClients, room.clients, room.expiresAt], ["lab", 4, 0, null]);
  assert.deepEqual((await console.request("room-members", {})).rooms, []);
  clock.advance(1_000);
  await eventually(() => pushes === 1, { what: "word of the new room" });
  const url = `${core.wsUrl}/websocket`;
  const [one, two] = [await PlainDevice.join(t, url, token), await PlainDevice.join(t, url, token)];
  one.send({ cmd: "execute", extra: { command: "id" } });
  await two.next();
  clock.advance(1_000);
  await eventually(() => pushes === 2, { what: "word of both, in one" });
  const [open] = (await console.request("room-members", { roomId: room.roomId })).rooms;
  assert.deepEqual([open?.roomId, open?.name, open?.clients], [room.roomId, "lab", 2]);
  assert.deepEqual(
    open?.members.map(({ address, relayed }) => [address, relayed]),
    [
      ["127.0.0.1", 1],
      ["127.0.0.1", 0],
    ],
  );
  assert.equal(JSON.parse(one.texts[0] ?? "").session_id, open?.sessionId);
  assert.deepEqual((await console.request("room-members", { roomId: "other" })).rooms, []);
  await console.request("room-revoke", { roomId: room.roomId });
  assert.equal((await one.closed).code, 1008);
  const [listed] = (await console.request("room-list", {})).rooms;
  assert.deepEqual([listed?.clients, typeof listed?.revokedAt], [0, "number"]);
  assert.ok(!JSON.stringify(await core.core.audit.list({ limit: 50 })).includes(token), "no token in the audit log");
});

test("who may not know of rooms cannot subscribe to them, and learns nothing when a right is taken", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  for (const [role, groups] of [
    ["viewer", undefined],
    ["operator", ["default"]],
    ["administrator", ["default"]],
  ] as const) {
    const console = await core.console(await core.userToken(role, groups));
    await assert.rejects(console.request("subscribe", { topic: "rooms" }), { code: "FORBIDDEN" });
  }
  const operator = await core.console(await core.userToken("operator"));
  let pushes = 0;
  operator.onPush("rooms-changed", () => {
    pushes += 1;
  });
  await operator.request("subscribe", { topic: "rooms" });
  const makeRoom = async (): Promise<void> => {
    await core.core.roomTokens.create({ createdBy: "test" });
    clock.advance(1_000);
    await operator.request("ping", {});
  };
  await makeRoom();
  assert.equal(pushes, 1);
  const user = (await core.core.users.list()).find(({ role, groups }) => role === "operator" && groups === undefined);
  await core.core.users.change(user?.id ?? "", { role: "viewer" });
  const refused = () =>
    operator.request("room-members", {}).then(
      () => false,
      () => true,
    );
  await eventually(refused, { what: "the loss of the right" });
  await makeRoom();
  assert.equal(pushes, 1);
});
