import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { RawPeer } from "../../support/rawPeer.ts";
import type { Scene } from "./scene.ts";

/**
 * What somebody sends, and all that comes back: error codes, types of answers, `reset 7: 4` for a channel that was reset,
 * `close 1008` for the end of the connection.
 */
export type Provocation = readonly [
  name: string,
  messages: readonly unknown[] | ((scene: Scene) => readonly unknown[]),
  answers: readonly string[],
];

export interface Attacker {
  /** For the name of the test. */
  readonly who: string;
  /** A new connection, as far as this attacker comes; nothing of it is unread. */
  connect(): Promise<RawPeer>;
  /** A harmless message whose answer, an error or not, has the id "marker": what was sent before has been read then. */
  readonly marker: unknown;
}

const resetFrame = 4;
/** How long an answer may take that comes after the marker's. */
const patience = 3_000;

/** Plays a table of provocations, each over a connection of its own, and looks after the innocent ones after each;
 * at the end the core must be as it was. */
export async function provoke(
  t: TestContext,
  scene: Scene,
  { attacker, table }: { readonly attacker: Attacker; readonly table: readonly Provocation[] },
): Promise<void> {
  const before = await scene.state();
  for (const [name, given, expected] of table) {
    await t.test(`${attacker.who}: ${name}`, async () => {
      const peer = await attacker.connect();
      const messages = typeof given === "function" ? given(scene) : given;
      for (const message of messages) peer.send(message);
      peer.send(attacker.marker);
      assert.deepEqual(await answersOf(peer, messages, expected.length), expected);
      await scene.assertQuiet(name);
      peer.socket.terminate();
      await peer.closed;
    });
  }
  assert.deepEqual(await scene.state(), before);
}

async function answersOf(peer: RawPeer, messages: readonly unknown[], count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  const ids = new Set(messages.map(idOf).filter((id) => id !== undefined));
  let closed: string | undefined;
  let marked = false;
  void peer.closed.then(({ code }) => {
    closed = `close ${code}`;
  });
  const until = performance.now() + patience;
  while (performance.now() < until && !(marked && answers.length >= count)) {
    if (peer.unread === 0) {
      if (closed !== undefined) return [...answers, closed];
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const message = await peer.take();
    if (Buffer.isBuffer(message)) {
      answers.push(describeFrame(message));
    } else if (message["id"] === "marker") {
      marked = true;
    } else {
      const { type, id, data } = message;
      const { code, error_code: nodeCode } = data as { readonly code?: string; readonly error_code?: string };
      answers.push(type === "error" ? String(code ?? nodeCode) : String(type));
      assertOwnId(id, ids);
    }
  }
  return answers;
}

/** An answer has the id of what it answers; what answers nothing has an id of the core's own, or none. */
function assertOwnId(id: unknown, sent: ReadonlySet<string>): void {
  if (id === undefined || sent.has(String(id))) return;
  assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "an id that nobody sent");
}

function idOf(message: unknown): string | undefined {
  if (typeof message === "object" && message !== null && !Buffer.isBuffer(message) && "id" in message) {
    return typeof message.id === "string" ? message.id : undefined;
  }
  return typeof message === "string" ? /"id":\s?"([^"\\]*)"/.exec(message)?.[1] : undefined;
}

function describeFrame(frame: Buffer): string {
  const channel = frame.readUInt32BE(1);
  return frame[0] === resetFrame ? `reset ${channel}: ${frame[5]}` : `frame ${frame[0]} of ${channel}`;
}
