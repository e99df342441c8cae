// Whoever sits at a terminal: over Picket's core, or over the bare relay. What it measures is the same.
import { once } from "node:events";
import { WebSocket } from "ws";
import { type Channel, channelWindows } from "../../../src-main/wire/channels/channel.ts";
import { serveCalls } from "../support/child.ts";
import { type ConsoleAddress, connectConsole } from "../support/consoleClient.ts";
import { measureFlood } from "../support/flood.ts";
import { measureEcho, type Typing } from "../support/keystrokes.ts";
import type { EchoResult, Flood, FloodResult, Line } from "../support/line.ts";
import { terminalShell, terminalSize } from "../support/ptyLine.ts";

/** The way to a terminal. */
export type Way =
  | { readonly kind: "relay"; readonly url: string }
  | ({ readonly kind: "picket"; readonly nodeId: string } & ConsoleAddress);

const calls = {
  async flood({ way, flood }: { readonly way: Way; readonly flood: Flood }): Promise<FloodResult> {
    const line = await open(way);
    try {
      return await measureFlood(line, flood);
    } finally {
      line.close();
    }
  },

  async type({ way, typing }: { readonly way: Way; readonly typing: Typing }): Promise<EchoResult> {
    const line = await open(way);
    try {
      return await measureEcho(line, typing);
    } finally {
      line.close();
    }
  },
};

export type TerminalViewer = typeof calls;

function open(way: Way): Promise<Line> {
  return way.kind === "relay" ? overRelay(way.url) : overPicket(way);
}

async function overRelay(url: string): Promise<Line> {
  const socket = new WebSocket(`${url}/viewer`, { perMessageDeflate: false });
  const line: Line = {
    type: (text) => socket.send(Buffer.from(text), { binary: true }),
    onData: () => {},
    close: () => socket.close(),
  };
  socket.on("message", (data: Buffer) => line.onData(data));
  await once(socket, "open");
  return line;
}

async function overPicket({ nodeId, ...address }: Extract<Way, { kind: "picket" }>): Promise<Line> {
  const client = await connectConsole(address);
  let channel: Channel | undefined;
  /** The first bytes come before `openChannel` has resolved. */
  let early = 0;
  const line: Line = {
    type: (text) => void channel?.write(Buffer.from(text)),
    onData: () => {},
    close: () => client.close(),
  };
  const opened = await client.openChannel({
    kind: "terminal",
    nodeId,
    params: { shell: terminalShell, ...terminalSize },
    window: channelWindows.terminal,
    handler: {
      data: (bytes) => {
        if (channel === undefined) early += bytes.length;
        else channel.consumed(bytes.length);
        line.onData(bytes);
      },
      ended: () => {},
      writable: () => {},
      closed: () => {},
    },
  });
  channel = opened.channel;
  channel.consumed(early);
  return line;
}

serveCalls(calls);
