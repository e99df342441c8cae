import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { AgentEvents } from "../../src-main/agent/logs/agentEvents.ts";
import { LogShipper, type SendLogs } from "../../src-main/agent/logs/logShipper.ts";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { NodeLogEntry } from "../../src-main/protocols/nodes/messages.ts";
import { eventually } from "./eventually.ts";
import { ManualClock } from "./manualClock.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface FollowedFileOptions {
  /** Further lines under `logs:` of the policy. */
  readonly rules?: readonly string[];
  /** What is in the file before anybody looks. */
  readonly before?: string;
  /** Instead of a core that stores everything. */
  readonly send?: (batch: SentBatch) => Promise<void>;
}

export interface SentBatch {
  readonly entries: readonly NodeLogEntry[];
  readonly dropped: number;
}

export interface FollowedFile {
  readonly clock: ManualClock;
  readonly folder: string;
  readonly file: string;
  readonly policyFile: string;
  readonly events: AgentEvents;
  /** Everything that arrived at the core. */
  readonly arrived: readonly SentBatch[];
  /** The messages that arrived, without the agent's own. */
  readonly messages: readonly string[];
  /** What the agent said about itself. */
  readonly ownMessages: readonly string[];
  write(...lines: readonly string[]): void;
  /** The link to the core breaks, or comes (back). */
  disconnect(): void;
  connect(): void;
  /** The agent is stopped and started again. */
  restart(): Promise<void>;
  /** Lets time pass until it is so. */
  until(look: () => boolean, what?: string): Promise<void>;
  /** Lets time pass until exactly these have arrived. */
  expect(messages: readonly string[]): Promise<void>;
}

/** What brings lines to a core, following `app.log` and whatever other `*.log` comes beside it. */
export async function followedFile(context: TestContext, options: FollowedFileOptions = {}): Promise<FollowedFile> {
  const folder = temporaryFolder(context);
  const file = join(folder, "app.log");
  const policyFile = join(folder, "policy.yaml");
  const rules = ["journald: false", `files: ["${folder}/*.log"]`, ...(options.rules ?? [])];
  writeFileSync(policyFile, ["version: 1", "logs:", ...rules.map((line) => `  ${line}`), ""].join("\n"));
  writeFileSync(file, options.before ?? "");
  const clock = new ManualClock();
  const policy = await Policy.load({ file: policyFile, logger: silentLogger });
  const events = new AgentEvents(silentLogger, clock);
  const arrived: SentBatch[] = [];
  const send: SendLogs = async (batch) => {
    await options.send?.(batch);
    arrived.push(batch);
  };
  const open = (): LogShipper => new LogShipper({ file: join(folder, "positions"), policy, clock, events });
  let shipper = open();
  context.after(() => shipper.dispose());
  const own = ({ source }: NodeLogEntry): boolean => source === "picket-agent";
  const until: FollowedFile["until"] = (look, what = "what the test waits for") =>
    eventually(
      () => {
        if (look()) return true;
        clock.advance(100);
        return false;
      },
      { what },
    ).then(() => {});
  // As a core does that lets the agent in: each connection has a way of its own.
  const connect = (): void => shipper.connected((batch) => send(batch));
  const scene: FollowedFile = {
    clock,
    folder,
    file,
    policyFile,
    events,
    arrived,
    get messages() {
      return arrived.flatMap(({ entries }) => entries.filter((entry) => !own(entry)).map(({ message }) => message));
    },
    get ownMessages() {
      return arrived.flatMap(({ entries }) => entries.filter(own).map(({ message }) => message));
    },
    write: (...lines) => appendFileSync(file, lines.map((line) => `${line}\n`).join("")),
    connect,
    disconnect: () => shipper.disconnected(),
    async restart() {
      shipper.dispose();
      // What was being read when it was stopped is closed in its own time.
      await new Promise((resolve) => setTimeout(resolve, 50));
      shipper = open();
      connect();
    },
    until,
    async expect(messages) {
      const same = (): boolean => scene.messages.join("\n") === messages.join("\n");
      await until(same, `${JSON.stringify(messages)}`).catch((error: unknown) => {
        throw new Error(`${error}; arrived: ${JSON.stringify(scene.messages)}`);
      });
    },
  };
  connect();
  return scene;
}
