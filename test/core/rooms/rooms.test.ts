import assert from "node:assert/strict";
import { test } from "node:test";
import type { PicketError } from "../../../src-main/base/errors.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { LocalBus } from "../../../src-main/bus/localBus.ts";
import type { RoomMember } from "../../../src-main/core/rooms/roomMember.ts";
import { Rooms } from "../../../src-main/core/rooms/rooms.ts";
import { RoomTokens } from "../../../src-main/core/rooms/roomTokens.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDatabase } from "../../support/openDatabase.ts";

failOnLeaks();

class Member implements RoomMember {
  readonly address: string;
  readonly received: string[] = [];
  readonly dismissals: PicketError[] = [];

  constructor(address: string) {
    this.address = address;
  }

  receive(text: string): void {
    this.received.push(text);
  }

  dismiss(error: PicketError): void {
    this.dismissals.push(error);
  }
}

async function openRooms(t: Parameters<typeof openDatabase>[0]) {
  const database = await openDatabase(t);
  const clock = new ManualClock();
  const bus = new LocalBus(silentLogger);
  const tokens = new RoomTokens({ database, bus, clock });
  const rooms = new Rooms({ tokens, bus, clock });
  t.after(() => rooms.dispose());
  const changes: string[] = [];
  bus.subscribe("room-changed", ({ roomId }) => changes.push(roomId));
  return { database, clock, bus, tokens, rooms, changes };
}

test("only a hash of the token is stored", async (t) => {
  const { database, tokens } = await openRooms(t);
  const { token, info } = await tokens.create({ name: "lab", createdBy: "anna" });
  const [row] = await database.kysely.selectFrom("room_tokens").selectAll().execute();
  const secret = token.split("_").slice(3).join("_");
  assert.ok(secret.length >= 40 && !JSON.stringify(row).includes(secret));
  assert.deepEqual(await tokens.list(), [info]);
  assert.deepEqual(await tokens.check(token), info);
  for (const wrong of ["", "123456", `${token}x`, token.slice(0, -1), token.replace("pkt_room", "pkt_enrol")]) {
    assert.equal(await tokens.check(wrong), undefined, wrong);
  }
});

test("who is in a room, and what was handed on, can be seen", async (t) => {
  const { tokens, rooms, clock, changes } = await openRooms(t);
  const { token, info } = await tokens.create({ name: "lab", createdBy: "anna" });
  const [a, b, c] = [new Member("a"), new Member("b"), new Member("c")];
  const seat = await rooms.join(a, token);
  assert.equal(seat.hasCompany, false);
  clock.advance(1_000);
  const other = await rooms.join(b, token);
  await rooms.join(c, token);
  assert.equal(seat.hasCompany, true);
  seat.relay("one");
  seat.relay("two");
  other.relay("three");
  assert.deepEqual([a.received, b.received, c.received], [["three"], ["one", "two"], ["one", "two", "three"]]);
  const [open] = rooms.open();
  assert.deepEqual([open?.id, open?.name, open?.sessionId], [info.id, "lab", seat.sessionId]);
  assert.deepEqual(
    open?.members.map(({ address, joinedAt, relayed }) => [address, joinedAt - info.createdAt, relayed]),
    [
      ["a", 0, 2],
      ["b", 1_000, 1],
      ["c", 1_000, 0],
    ],
  );
  seat.leave();
  seat.leave();
  seat.relay("four");
  assert.deepEqual([rooms.memberCount, rooms.countIn(info.id), b.received.length], [2, 2, 2]);
  assert.deepEqual(changes, [info.id, info.id, info.id, info.id, info.id], "made, three joined, one left");
});

test("a member that leaves while a message is handed on does not stop it", async (t) => {
  const { tokens, rooms } = await openRooms(t);
  const { token } = await tokens.create({ createdBy: "anna" });
  const [a, b, c] = [new Member("a"), new Member("b"), new Member("c")];
  const seat = await rooms.join(a, token);
  const leaving = await rooms.join(b, token);
  b.receive = () => leaving.leave();
  await rooms.join(c, token);
  seat.relay("x");
  assert.deepEqual([c.received, rooms.memberCount], [["x"], 2]);
});

test("a token that is revoked while it is looked up opens nothing", async (t) => {
  const { tokens, rooms } = await openRooms(t);
  const { token, info } = await tokens.create({ createdBy: "anna" });
  const member = new Member("a");
  // Whichever comes first in the database: the room is not entered, or it is left again.
  const results = await Promise.allSettled([rooms.join(member, token), tokens.revoke(info.id)]);
  assert.equal(results[1].status, "fulfilled");
  assert.equal(rooms.countIn(info.id), 0);
  assert.ok(results[0].status === "rejected" || member.dismissals.length === 1);
  await assert.rejects(rooms.join(member, token), { code: "INVALID_TOKEN" });
});

test("no timer runs while nobody is in a room", async (t) => {
  const { tokens, rooms, clock } = await openRooms(t);
  const { token } = await tokens.create({ createdBy: "anna", expiresIn: 15_000 });
  assert.equal(clock.timerCount, 0);
  const member = new Member("a");
  const seat = await rooms.join(member, token);
  assert.equal(clock.timerCount, 1);
  seat.leave();
  assert.equal(clock.timerCount, 0);
  await rooms.join(member, token);
  clock.advance(20_000);
  assert.deepEqual(
    member.dismissals.map(({ code }) => code),
    ["INVALID_TOKEN"],
  );
  assert.deepEqual([rooms.memberCount, clock.timerCount], [0, 0]);
});

test("a full room lets nobody else in, until somebody leaves", async (t) => {
  const { tokens, rooms } = await openRooms(t);
  const { token } = await tokens.create({ createdBy: "anna", maxClients: 1 });
  const seat = await rooms.join(new Member("a"), token);
  await assert.rejects(rooms.join(new Member("b"), token), { code: "ROOM_FULL" });
  seat.leave();
  await rooms.join(new Member("b"), token);
});
