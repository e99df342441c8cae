// The bare baseline of an agent: node-pty, measured right here, or piped to a relay.
import { once } from "node:events";
import { WebSocket } from "ws";
import { serveCalls } from "../support/child.ts";
import { measureFlood } from "../support/flood.ts";
import { measureEcho, type Typing } from "../support/keystrokes.ts";
import type { EchoResult, Flood, FloodResult, Line } from "../support/line.ts";
import { ptyLine, spawnShell } from "../support/ptyLine.ts";

const calls = {
  flood: (flood: Flood): Promise<FloodResult> => on(ptyLine(), (line) => measureFlood(line, flood)),

  type: (typing: Typing): Promise<EchoResult> => on(ptyLine(), (line) => measureEcho(line, typing)),

  /** Starts a shell whose bytes go to the relay, as they are. */
  async pipe(relay: string): Promise<void> {
    const socket = new WebSocket(`${relay}/host`, { perMessageDeflate: false });
    await once(socket, "open");
    const pty = spawnShell();
    pty.onData((data) => socket.send(data, { binary: true }));
    socket.on("message", (data: Buffer) => pty.write(data));
    socket.on("close", () => pty.kill("SIGKILL"));
  },
};

export type TerminalHost = typeof calls;

async function on<T>(line: Line, measure: (line: Line) => Promise<T>): Promise<T> {
  try {
    return await measure(line);
  } finally {
    line.close();
  }
}

serveCalls(calls);
