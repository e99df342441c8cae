import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { LocalBus } from "../../../src-main/bus/localBus.ts";
import { Rooms } from "../../../src-main/core/rooms/rooms.ts";
import { RoomTokens } from "../../../src-main/core/rooms/roomTokens.ts";
import { RoomClient } from "../../../src-main/protocols/rooms/client.ts";
import { RoomsServer } from "../../../src-main/protocols/rooms/server.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { memoryPair } from "../../support/memoryPair.ts";
import { openDatabase } from "../../support/openDatabase.ts";

failOnLeaks();

const mebibyte = 1024 * 1024;

test("a client is dropped with more than 4 MiB unsent, and not before", async (t) => {
  const clock = new ManualClock();
  const bus = new LocalBus(silentLogger);
  const tokens = new RoomTokens({ database: await openDatabase(t), bus, clock });
  const rooms = new Rooms({ tokens, bus, clock });
  t.after(() => rooms.dispose());
  const server = new RoomsServer({ rooms, clock, logger: silentLogger });
  const { token, info } = await tokens.create({ createdBy: "test" });

  const join = async () => {
    const [near, far] = memoryPair();
    const heard: string[] = [];
    const inRoom = rooms.countIn(info.id);
    near.handler = server.accept(near);
    const client = new RoomClient(
      far,
      {
        joined: () => {},
        refused: () => {},
        execute: (command) => heard.push(command),
        executeResult: () => {},
        checked: () => {},
        closed: () => heard.push("closed"),
      },
      { token, clock },
    );
    far.handler = client;
    await eventually(() => rooms.countIn(info.id) === inRoom + 1 && client.isJoined, { what: "a place in the room" });
    return { near, client, heard };
  };

  const [sender, slow, quick] = [await join(), await join(), await join()];
  slow.near.bufferedBytes = 4 * mebibyte;
  sender.client.execute("one");
  await eventually(() => quick.heard.length === 1, { what: "the first command" });
  assert.deepEqual(slow.heard, ["one"]);
  slow.near.bufferedBytes = 4 * mebibyte + 1;
  sender.client.execute("two");
  await eventually(() => quick.heard.length === 2, { what: "the second command" });
  assert.deepEqual([slow.heard, quick.heard, rooms.countIn(info.id)], [["one", "closed"], ["one", "two"], 2]);
  quick.near.bufferedBytes = 4 * mebibyte + 1;
  clock.advance(20_000);
  await eventually(() => quick.heard.at(-1) === "closed", { what: "the end of one that takes no heartbeat" });
  assert.equal(server.sessionCount, 1);
  server.close();
  await eventually(() => server.sessionCount === 0, { what: "the end" });
  assert.equal(clock.timerCount, 0, "no timer is left");
});
