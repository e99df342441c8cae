// Somebody at a terminal over a network that breaks: takes the same terminal up again each time, at the byte where it
// was, and checks every byte.
import { outputCapacity } from "../../../src-main/agent/output/outputLog.ts";
import { type Channel, channelWindows } from "../../../src-main/wire/channels/channel.ts";
import { serveCalls } from "../../bench/support/child.ts";
import { type ConsoleAddress, connectConsole } from "../../bench/support/consoleClient.ts";
import { Sequence } from "../sequence.ts";

interface Open extends ConsoleAddress {
  readonly nodeId: string;
}

export interface WatcherStatus {
  readonly numbers: number;
  readonly bytes: number;
  /** How often the terminal was taken up again. */
  readonly resumed: number;
  /** Bytes that the program printed while nobody was there, beyond what is kept for whoever comes back. */
  readonly missed: number;
  readonly fault: string | undefined;
}

const size = { cols: 80, rows: 24 };
const mark = "BENCH-GO\n";
/** Prints all numbers from 0 on, in bursts of one to 18,001 of them with pauses between. */
const program = [
  "stty -echo -opost",
  "PS1=",
  "i=0",
  "printf 'BENCH-%s\\n' GO",
  "while :; do n=$((i % 7 * 3000 + 1)); seq $i $((i + n - 1)); i=$((i + n)); sleep 0.05; done",
].join("; ");

const sequence = new Sequence();
let address: Open | undefined;
let session: string | undefined;
/** How many bytes of the terminal's output came, from its very first one. */
let seen = 0;
let prelude = "";
let started = false;
let resumed = 0;
let missed = 0;
let fault: string | undefined;
let stopped = false;

const calls = {
  /** Resolves when the terminal is open and its program runs. */
  async open(given: Open): Promise<void> {
    address = given;
    const channel = await connect();
    channel.write(Buffer.from(`${program}\n`));
  },

  /** The access token ends after an hour: the next connection takes this one. */
  async renew(token: string): Promise<void> {
    if (address !== undefined) address = { ...address, token };
  },

  async status(): Promise<WatcherStatus> {
    return { numbers: sequence.count, bytes: sequence.bytes, resumed, missed, fault: fault ?? sequence.fault };
  },

  async stop(): Promise<void> {
    stopped = true;
  },
};

export type TerminalWatcher = typeof calls;

async function connect(): Promise<Channel> {
  if (address === undefined) throw new Error("no address");
  const client = await connectConsole(address);
  let channel: Channel | undefined;
  /** What comes before it is known at which byte it begins. */
  const early: Uint8Array[] = [];
  const { nodeId } = address;
  try {
    const opened = await client.openChannel({
      kind: "terminal",
      nodeId,
      params: session === undefined ? { shell: "/bin/sh", ...size } : { session, offset: seen, ...size },
      window: channelWindows.terminal,
      handler: {
        data: (bytes) => {
          if (channel === undefined) {
            early.push(bytes);
          } else {
            take(bytes);
            channel.consumed(bytes.length);
          }
        },
        ended: () => {},
        writable: () => {},
        closed: () => {
          client.close();
          void resume();
        },
      },
    });
    channel = opened.channel;
    const { session: id, offset, end } = opened.result;
    session = String(id);
    begin(Number(offset), Number(end));
    for (const bytes of early) {
      take(bytes);
      channel.consumed(bytes.length);
    }
    return channel;
  } catch (error) {
    client.close();
    throw error;
  }
}

async function resume(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (stopped) return;
    try {
      resumed += 1;
      await connect();
      return;
    } catch (error) {
      resumed -= 1;
      const { code } = error as { code?: unknown };
      // The node is on its way back, or the network broke again.
      if (code === "SESSION_NOT_FOUND") fault ??= "the terminal is gone";
    }
  }
}

/** The stream goes on at `offset`: where it broke off, or as far back as is kept. */
function begin(offset: number, end: number): void {
  const expected = Math.max(seen, end - outputCapacity);
  if (offset !== expected) fault ??= `taken up at byte ${offset} of ${end}, seen are ${seen}`;
  if (offset === seen) return;
  missed += offset - seen;
  seen = offset;
  sequence.gap();
}

function take(bytes: Uint8Array): void {
  seen += bytes.length;
  if (started) {
    sequence.take(bytes);
    return;
  }
  prelude += Buffer.from(bytes).toString("latin1");
  const at = prelude.indexOf(mark);
  if (at === -1) return;
  started = true;
  sequence.take(Buffer.from(prelude.slice(at + mark.length), "latin1"));
}

serveCalls(calls);
