import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { Garbage } from "../../soak/garbage.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainDevice } from "../../support/plainDevice.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { startScene } from "./scene.ts";
import { loneSurrogate, megabyte, nested, nestedObjects } from "./shapes.ts";

failOnLeaks();

/** A room of two who must not notice anything, and one for the attackers. */
async function startRooms(t: TestContext) {
  const scene = await startScene(t);
  const { roomTokens } = scene.core.core;
  const url = `${scene.core.wsUrl}/websocket`;
  const innocent = (await roomTokens.create({ createdBy: "test" })).token;
  const { token, info } = await roomTokens.create({ createdBy: "test" });
  const pair = [await PlainDevice.join(t, url, innocent), await PlainDevice.join(t, url, innocent)] as const;
  const assertUntouched = async (what: string): Promise<void> => {
    const [one, two] = pair;
    one.send({ cmd: "execute", extra: { command: what } });
    assert.deepEqual((await two.next())["extra"], { command: what });
    await scene.assertQuiet(what);
  };
  return { scene, url, token, roomId: info.id, assertUntouched };
}

const first: readonly (readonly [what: string, message: string | Buffer])[] = [
  ["nothing", ""],
  ["half an object", '{"cmd":"init"'],
  ["an array", '[{"cmd":"init"}]'],
  ["null", "null"],
  ["100,000 brackets", nested(100_000)],
  ["100,000 objects in each other", nestedObjects(100_000)],
  ["a token nested 50,000 deep", `{"cmd":"init","token":${nested(50_000)}}`],
  ["a token of 900,000 characters", JSON.stringify({ cmd: "init", token: "x".repeat(900_000) })],
  ["half a character as token", JSON.stringify({ cmd: "init", token: loneSurrogate })],
  ["a token in the prototype", '{"cmd":"init","__proto__":{"token":"x"}}'],
  ["a token that closes a statement", `{"cmd":"init","token":"pkt_room_0' or 1=1 --_x"}`],
  ["a cmd with its own toString", '{"cmd":{"toString":"init"},"token":"x"}'],
  ["a megabyte of bytes", Buffer.alloc(megabyte)],
];

test("who knocks wrongly is shown out, and nobody else notices", async (t) => {
  const { url, assertUntouched } = await startRooms(t);
  for (const [what, message] of first) {
    const device = await PlainDevice.connect(t, url);
    device.send(message);
    assert.equal((await device.next())["code"], "0", what);
    assert.equal((await device.closed).code, 1008, what);
    await assertUntouched(what);
  }
  const large = await PlainDevice.connect(t, url);
  large.send("x".repeat(megabyte + 1));
  assert.equal((await large.closed).code, 1009);
  const masses = await PlainDevice.connect(t, url);
  masses.send({ cmd: "init", token: "x" });
  for (let count = 0; count < 20_000; count += 1) masses.send('{"cmd":"execute"}');
  assert.equal((await masses.closed).code, 1008);
  await assertUntouched("masses behind a bad init");
});

const inside: readonly (readonly [what: string, message: string | Buffer, goesOn: boolean])[] = [
  ["a code with its own toString", '{"cmd":"checkDevices","code":{"toString":"1"}}', false],
  ["an init of somebody else", '{"cmd":"init","token":"x"}', false],
  ["a cmd of 900,000 characters", JSON.stringify({ cmd: "x".repeat(900_000) }), false],
  ["the cmd __proto__", '{"cmd":"__proto__"}', false],
  ["the cmd constructor", '{"cmd":"constructor"}', false],
  ["bytes", Buffer.alloc(1_000), false],
  ["data in the prototype", '{"cmd":"execute_result","extra":{"__proto__":{"data":"x"}}}', false],
  ["cmd twice: the last one counts", '{"cmd":"execute","cmd":"nonsense"}', false],
  ["a command nested 50,000 deep", `{"cmd":"execute","extra":{"command":${nested(50_000)}}}`, true],
  ["data nested 50,000 deep", `{"cmd":"execute_result","extra":{"data":${nestedObjects(50_000)}}}`, true],
  ["half a character", `{"cmd":"execute_result","extra":{"data":"\\ud800"}}`, true],
  ["a command of 900,000 characters", JSON.stringify({ cmd: "execute", extra: { command: "x".repeat(9e5) } }), true],
  ["escape sequences", '{"cmd":"execute","extra":{"command":"\\u001b]0;x\\u0007\\u202e"}}', true],
];

test("what is wrong in a room stays in it, unchanged or not at all", async (t) => {
  const { url, token, assertUntouched } = await startRooms(t);
  const [attacker, other] = [await PlainDevice.join(t, url, token), await PlainDevice.join(t, url, token)];
  for (const [what, message, goesOn] of inside) {
    attacker.send(message);
    if (goesOn) assert.equal(await other.nextText(), message, what);
    assert.equal(await attacker.checkDevice(), "1", what);
    assert.equal(await other.checkDevice(), "1", what);
    await assertUntouched(what);
  }
});

test("10,000 random frames of six devices", { timeout: 50_000 }, async (t) => {
  const seed = Number(process.env["PICKET_TEST_SEED"] ?? Date.now() % 1e9);
  t.diagnostic(`PICKET_TEST_SEED=${seed}`);
  const { scene, url, token, roomId, assertUntouched } = await startRooms(t);
  const before = await scene.state();
  const templates = [
    JSON.stringify({ cmd: "init", token }),
    '{"cmd":"Heartbeat","code":"1","extra":{}}',
    '{"cmd":"checkDevice"}',
    '{"cmd":"execute","extra":{"command":"id"}}',
    '{"cmd":"execute_result","extra":{"data":"x"}}',
    '{"cmd":"execute","command":"id"}',
  ];
  const attacks = Array.from({ length: 6 }, (_, index) =>
    attack(t, { url, token, garbage: new Garbage(new SeededRandom(seed + index), templates) }),
  );
  await Promise.all(attacks);
  await assertUntouched(`seed ${seed}`);
  await eventually(() => scene.core.core.rooms.countIn(roomId) === 0, { what: "an empty room" });
  assert.deepEqual(await scene.state(), before, `seed ${seed}`);
});

interface Attack {
  readonly url: string;
  readonly token: string;
  readonly garbage: Garbage;
}

/** Enters the room and sends until it is thrown out, and comes again. */
async function attack(t: TestContext, { url, token, garbage }: Attack): Promise<void> {
  for (let sent = 0; sent < 1_700; ) {
    const { socket } = await PlainDevice.join(t, url, token);
    const closed = once(socket, "close");
    while (sent < 1_700 && socket.readyState === WebSocket.OPEN) {
      for (let count = 0; count < 20; count += 1) {
        const message = garbage.next();
        socket.send(message, { binary: typeof message !== "string" });
        sent += 1;
      }
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      await Promise.race([once(socket, "pong"), closed]);
    }
    socket.terminate();
    await closed;
  }
}
