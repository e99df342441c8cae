import { once } from "node:events";
import type { ManualClock } from "./manualClock.ts";
import type { RawPeer } from "./rawPeer.ts";

const step = 2_000;

/** Waits until the core has read everything that this peer sent. */
export async function roundTrip(peer: RawPeer): Promise<void> {
  const pong = once(peer.socket, "pong");
  peer.socket.ping();
  const closed = peer.closed.then(({ code }) => {
    throw new Error(`the core closed the connection with ${code}`);
  });
  await Promise.race([pong, closed]);
}

/** Lets time pass in small steps, in each of which these peers' sockets are heard of, as they are in real time. */
export async function passTime(clock: ManualClock, milliseconds: number, peers: readonly RawPeer[]): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    clock.advance(Math.min(step, milliseconds - passed));
    await Promise.all(peers.map(roundTrip));
  }
}
