import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainDevice } from "../../support/plainDevice.ts";
import { startCore, type TestCore, type TestCoreOptions } from "../../support/startCore.ts";

failOnLeaks();

interface Scene {
  readonly core: TestCore;
  readonly url: string;
  makeRoom(options?: { readonly maxClients?: number; readonly expiresIn?: number }): Promise<{
    readonly id: string;
    readonly token: string;
    join(): Promise<PlainDevice>;
  }>;
}

async function startScene(t: TestContext, options: TestCoreOptions = {}): Promise<Scene> {
  const core = await startCore(t, options);
  const url = `${core.wsUrl}/websocket`;
  return {
    core,
    url,
    async makeRoom(room = {}) {
      const { info, token } = await core.core.roomTokens.create({ ...room, createdBy: "test" });
      return { id: info.id, token, join: () => PlainDevice.join(t, url, token) };
    },
  };
}

/** The refusal of somebody who wants in. */
async function refusal(t: TestContext, url: string, token: string): Promise<string> {
  const device = await PlainDevice.connect(t, url);
  device.send({ cmd: "init", token });
  const { code, extra } = await device.next();
  assert.equal(code, "0");
  assert.equal((await device.closed).code, 1008);
  return (extra as { readonly message: string }).message;
}

/** Lets time pass in small steps, in each of which these devices are heard of, as they are in real time. */
async function pass(clock: ManualClock, milliseconds: number, devices: readonly PlainDevice[]): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 5_000) {
    clock.advance(5_000);
    await Promise.all(devices.map((device) => device.roundTrip()));
  }
}

test("two devices exchange a command and its result while a third with another token sees nothing", async (t) => {
  const { makeRoom } = await startScene(t);
  const [room, elsewhere] = [await makeRoom(), await makeRoom()];
  const [one, two, third] = [await room.join(), await room.join(), await elsewhere.join()];
  assert.equal(await third.checkDevice(), "0");
  for (let round = 0; round < 100; round += 1) {
    one.send({ cmd: "execute", extra: { command: `echo ${round}` } });
    assert.deepEqual((await two.next())["extra"], { command: `echo ${round}` });
    two.send({ cmd: "execute_result", extra: { data: `${round}` } });
    assert.deepEqual((await one.next())["extra"], { data: `${round}` });
  }
  assert.equal(await third.checkDevice(), "0");
  assert.equal(third.texts.length, 3);
});

test("1,000 rooms of two side by side", { timeout: 50_000 }, async (t) => {
  const { core, makeRoom } = await startScene(t);
  const pairs: (readonly [PlainDevice, PlainDevice])[] = [];
  for (let made = 0; made < 1_000; made += 50) {
    const some = Array.from({ length: 50 }, async () => {
      const room = await makeRoom();
      return Promise.all([room.join(), room.join()]);
    });
    pairs.push(...(await Promise.all(some)));
  }
  assert.equal(core.core.rooms.memberCount, 2_000);
  assert.match(await (await fetch(`${core.httpUrl}/metrics`)).text(), /^picket_room_clients 2000$/m);
  assert.equal(new Set(core.core.rooms.open().map(({ sessionId }) => sessionId)).size, 1_000);
  for (const [index, [one]] of pairs.entries()) one.send({ cmd: "execute", extra: { command: `${index}` } });
  for (const [index, [, two]] of pairs.entries()) {
    assert.deepEqual((await two.next())["extra"], { command: `${index}` });
    two.send({ cmd: "execute_result", extra: { data: `result ${index}` } });
  }
  for (const [index, [one, two]] of pairs.entries()) {
    assert.deepEqual((await one.next())["extra"], { data: `result ${index}` });
    assert.equal(one.texts.length - one.heartbeats, 2, "the answer to init and one result");
    assert.equal(two.texts.length - two.heartbeats, 2);
    one.socket.terminate();
    two.socket.terminate();
  }
  await eventually(() => core.core.rooms.memberCount === 0, { what: "empty rooms" });
  assert.deepEqual(core.core.rooms.open(), []);
});

test("the name of the room's life is the same for all in it, and new after the room was empty", async (t) => {
  const { core, makeRoom } = await startScene(t);
  const { join, id } = await makeRoom();
  const sessionOf = ({ texts }: PlainDevice): string => JSON.parse(texts[0] ?? "").session_id;
  const [one, two] = [await join(), await join()];
  assert.equal(sessionOf(one), sessionOf(two));
  await one.close();
  const three = await join();
  assert.equal(sessionOf(three), sessionOf(two), "it was never empty");
  await Promise.all([two.close(), three.close()]);
  await eventually(() => core.core.rooms.countIn(id) === 0, { what: "the end of the room" });
  assert.notEqual(sessionOf(await join()), sessionOf(one));
});

test("no more than max_clients are in a room at once", async (t) => {
  const { core, makeRoom, url } = await startScene(t);
  const { join, token, id } = await makeRoom({ maxClients: 2 });
  const [one] = [await join(), await join()];
  assert.match(await refusal(t, url, token), /full/);
  await one.close();
  await eventually(() => core.core.rooms.countIn(id) === 1, { what: "a free place" });
  // Many at once: the last free place is taken once.
  const many = await Promise.all(Array.from({ length: 8 }, () => PlainDevice.connect(t, url)));
  for (const device of many) device.send({ cmd: "init", token });
  const codes = await Promise.all(many.map(async (device) => (await device.next())["code"]));
  assert.deepEqual(codes.sort(), ["0", "0", "0", "0", "0", "0", "0", "1"]);
});

test("an expired token opens no room, and ends the one it opened", async (t) => {
  const clock = new ManualClock();
  const { makeRoom, url } = await startScene(t, { clock });
  const [short, long] = [await makeRoom({ expiresIn: 60_000 }), await makeRoom()];
  const [inShort, inLong] = [await short.join(), await long.join()];
  await pass(clock, 55_000, [inShort, inLong]);
  assert.equal(await inShort.checkDevice(), "0");
  clock.advance(5_000);
  assert.match(await refusal(t, url, short.token), /opens no room/);
  clock.advance(10_000);
  const { code, extra } = await inShort.next();
  assert.deepEqual([code, extra], ["0", { message: "the room's token has expired" }]);
  assert.equal((await inShort.closed).code, 1008);
  assert.equal(await inLong.checkDevice(), "0");
});

test("a revoked token opens no room, and whoever is in it must go", async (t) => {
  const { core, makeRoom, url } = await startScene(t);
  const [room, other] = [await makeRoom(), await makeRoom()];
  const [one, two, bystander] = [await room.join(), await room.join(), await other.join()];
  await core.core.roomTokens.revoke(room.id);
  assert.deepEqual([(await one.closed).code, (await two.closed).code], [1008, 1008]);
  assert.match(await refusal(t, url, room.token), /opens no room/);
  assert.equal(await bystander.checkDevice(), "0");
  await assert.rejects(core.core.roomTokens.revoke(room.id), { code: "ROOM_NOT_FOUND" });
});

test("who says nothing for 10 s is shown out", async (t) => {
  const clock = new ManualClock();
  const { url, makeRoom } = await startScene(t, { clock });
  const member = await (await makeRoom()).join();
  const silent = await PlainDevice.connect(t, url);
  await pass(clock, 5_000, [silent, member]);
  clock.advance(5_000);
  const { cmd, code } = await silent.next();
  assert.deepEqual([cmd, code], ["init", "0"]);
  assert.equal((await silent.closed).code, 1008);
  assert.equal(await member.checkDevice(), "0", "who has joined may be silent");
});

test("heartbeats come every 20 s to everybody in a room, and to nobody else", async (t) => {
  const clock = new ManualClock();
  const { url, makeRoom } = await startScene(t, { clock });
  const room = await makeRoom();
  const devices = [await room.join(), await room.join(), await (await makeRoom()).join()];
  await pass(clock, 15_000, devices);
  const outside = await PlainDevice.connect(t, url);
  assert.deepEqual(
    devices.map(({ heartbeats }) => heartbeats),
    [0, 0, 0],
  );
  await pass(clock, 5_000, [...devices, outside]);
  assert.equal(outside.texts.length, 0);
  await pass(clock, 40_000, devices);
  assert.deepEqual(
    devices.map(({ heartbeats }) => heartbeats),
    [3, 3, 3],
  );
  assert.deepEqual(JSON.parse(devices[0]?.texts.at(-1) ?? ""), { cmd: "Heartbeat", code: "1", extra: {} });
});

test("two that answer each other's heartbeats come to an end", async (t) => {
  const { makeRoom } = await startScene(t);
  const device = await (await makeRoom()).join();
  device.socket.on("message", (data: Buffer) => {
    if (data.includes("Heartbeat")) device.send({ cmd: "Heartbeat", code: "1", extra: {} });
  });
  device.send({ cmd: "Heartbeat", code: "1", extra: {} });
  for (let round = 0; round < 100; round += 1) await device.roundTrip();
  assert.ok(device.heartbeats >= 2 && device.heartbeats < 40, `${device.heartbeats} answers`);
});

test("a client that does not read is dropped, and the others do not wait for it", async (t) => {
  const { core, makeRoom } = await startScene(t);
  const { join, id } = await makeRoom();
  const [sender, slow, quick] = [await join(), await join(), await join()];
  slow.socket.pause();
  const data = "x".repeat(512 * 1024);
  for (let round = 0; core.core.rooms.countIn(id) === 3; round += 1) {
    assert.ok(round < 400, "the slow client stays in the room");
    sender.send({ cmd: "execute_result", extra: { data: `${round} ${data}` } });
    assert.match(String(((await quick.next())["extra"] as { readonly data: string }).data), new RegExp(`^${round} `));
  }
  assert.equal(await sender.checkDevice(), "1");
  slow.socket.resume();
  assert.equal((await slow.closed).code, 1006);
});

test("on a listener of its own every path is the relay's, and nothing else is there", async (t) => {
  const listen = [undefined, "rooms"].map((protocol) => ({ host: "127.0.0.1", port: 0, protocol, tls: false }));
  const { core, makeRoom } = await startScene(t, { configuration: { listen } });
  const { token, join } = await makeRoom();
  const own = (core.urls[1] ?? "").replace(/^http/, "ws");
  const inside = await join();
  for (const path of ["", "/", "/websocket", "/api/v1/ws"]) {
    const device = await PlainDevice.join(t, `${own}${path}`, token);
    assert.equal(await device.checkDevice(), "1", "the same room as through the other address");
    await device.close();
  }
  assert.equal((await fetch(core.urls[1] ?? "")).status, 426);
  await assert.rejects(PlainDevice.connect(t, `${core.wsUrl}/nothing`), /404|Unexpected server response/);
  await inside.close();
});

test("a core that stops says so, with the moment to come back", async (t) => {
  const { core, makeRoom } = await startScene(t);
  const device = await (await makeRoom()).join();
  await core.close();
  const { code, reason } = await device.closed;
  assert.equal(code, 1001);
  assert.match(reason, /retry-after=\d+/);
});
