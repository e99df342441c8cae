import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RawSocket, wireFrame } from "../../support/rawSocket.ts";
import { handshake } from "./handshake.ts";
import { type Scene, startScene } from "./scene.ts";
import { megabyte } from "./shapes.ts";

failOnLeaks();

const opcode = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

type Row = readonly [name: string, frames: readonly Uint8Array[], code: number];

const text = (payload: string | Uint8Array, rest: object = {}): Buffer =>
  wireFrame({ opcode: opcode.text, payload, ...rest });
const closing = (...bytes: number[]): Buffer => wireFrame({ opcode: opcode.close, payload: Uint8Array.from(bytes) });
const bomb = deflateRawSync(Buffer.alloc(100 * megabyte));

const rows: readonly Row[] = [
  ["a frame that is not masked", [text("{}", { masked: false })], 1002],
  ["the first reserved bit", [text("{}", { reserved: 4 })], 1002],
  ["the second reserved bit", [text("{}", { reserved: 2 })], 1002],
  ["the third reserved bit", [text("{}", { reserved: 1 })], 1002],
  ["a bomb, compressed without having asked", [text(bomb, { reserved: 4 })], 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (reserved): Row => [`the reserved opcode ${reserved}`, [wireFrame({ opcode: reserved, payload: "x" })], 1002],
  ),
  ["a continuation of nothing", [wireFrame({ opcode: opcode.more, payload: "x" })], 1002],
  ["a message inside another", [text("{", { final: false }), text("}")], 1002],
  [
    "a binary one inside a text",
    [text("{", { final: false }), wireFrame({ opcode: opcode.binary, payload: "x" })],
    1002,
  ],
  ["a ping in pieces", [wireFrame({ opcode: opcode.ping, final: false, payload: "x" })], 1002],
  ["a pong in pieces", [wireFrame({ opcode: opcode.pong, final: false, payload: "x" })], 1002],
  ["a close in pieces", [wireFrame({ opcode: opcode.close, final: false })], 1002],
  ["a ping of 126 bytes", [wireFrame({ opcode: opcode.ping, payload: "x".repeat(126) })], 1002],
  ["a pong of 126 bytes", [wireFrame({ opcode: opcode.pong, payload: "x".repeat(126) })], 1002],
  ["a close of 126 bytes", [wireFrame({ opcode: opcode.close, payload: "x".repeat(126) })], 1002],
  ["a close of one byte", [closing(3)], 1002],
  ["a close with the code 0", [closing(0, 0)], 1002],
  ["a close with the code 999", [closing(3, 231)], 1002],
  ["a close with the code 1005", [closing(3, 237)], 1002],
  ["a close with the code 1006", [closing(3, 238)], 1002],
  ["a close with the code 5000", [closing(19, 136)], 1002],
  ["a close whose reason is no UTF-8", [closing(3, 232, 0xff, 0xfe)], 1007],
  ["a text that is no UTF-8", [text(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))], 1007],
  ["half a character at the end of a text", [text(Uint8Array.of(0xe2, 0x82))], 1007],
  ["a lone surrogate in UTF-8", [text(Uint8Array.of(0xed, 0xa0, 0x80))], 1007],
  ["a character in more bytes than it needs", [text(Uint8Array.of(0xc0, 0x80))], 1007],
  [
    "no UTF-8 over two pieces",
    [text(Uint8Array.of(0xe2), { final: false }), wireFrame({ opcode: opcode.more, payload: "x" })],
    1007,
  ],
  ["a length of 2^63", [text("", { length: 2n ** 63n })], 1009],
  ["a length of 2^53", [text("", { length: 2n ** 53n })], 1009],
  ["a length of 4 GiB", [wireFrame({ opcode: opcode.binary, length: 2n ** 32n })], 1009],
  ["a length of 1 MiB and a byte", [text("", { length: BigInt(megabyte + 1) })], 1009],
  [
    "2 MiB in pieces of 64 KiB",
    [
      text("x".repeat(65_535), { final: false }),
      ...Array.from({ length: 40 }, () =>
        wireFrame({ opcode: opcode.more, final: false, payload: "x".repeat(65_535) }),
      ),
    ],
    1009,
  ],
];

const endpoints = [
  ["the nodes' endpoint", ({ nodeToken }: Scene) => `/api/v1/ws?token=${nodeToken}&node_id=attacker`],
  ["the consoles' endpoint", () => "/ws"],
] as const;

for (const [where, pathOf] of endpoints) {
  test(`${where}: what no WebSocket may send closes it with the code that RFC 6455 gives it`, async (t) => {
    const scene = await startScene(t);
    const port = Number(new URL(scene.core.httpUrl).port);
    for (const [name, frames, code] of rows) {
      await t.test(name, async () => {
        const raw = await RawSocket.connect(t, port);
        raw.write(handshake(pathOf(scene)));
        await raw.upgraded();
        for (const bytes of frames) raw.write(bytes);
        assert.equal(await raw.closeCode(), code);
        await scene.assertQuiet(name);
        raw.socket.destroy();
      });
    }
  });
}

test("a hundred messages in the packet of the handshake are too many before welcome", async (t) => {
  const scene = await startScene(t);
  const raw = await RawSocket.connect(t, Number(new URL(scene.core.httpUrl).port));
  const request = Buffer.from(handshake(endpoints[0][1](scene)));
  raw.write(Buffer.concat([request, ...Array.from({ length: 100 }, () => text("{}"))]));
  await raw.upgraded();
  assert.equal(await raw.closeCode(), 1008);
  await scene.assertQuiet("a hundred messages");
});

test("50,000 pings, empty frames and pieces are the sender's own trouble", async (t) => {
  const scene = await startScene(t);
  const port = Number(new URL(scene.core.httpUrl).port);
  const storms = {
    pings: wireFrame({ opcode: opcode.ping }),
    pongs: wireFrame({ opcode: opcode.pong, payload: "x" }),
    "empty texts": text(""),
    "empty pieces": wireFrame({ opcode: opcode.more, final: false }),
  };
  for (const [name, frame] of Object.entries(storms)) {
    const raw = await RawSocket.connect(t, port);
    raw.write(handshake("/ws"));
    await raw.upgraded();
    if (name === "empty pieces") raw.write(text("{", { final: false }));
    raw.write(Buffer.concat(Array.from({ length: 50_000 }, () => frame)));
    await scene.assertQuiet(name);
    raw.socket.destroy();
  }
  await scene.assertQuiet("afterwards");
});
