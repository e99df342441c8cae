import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Agent } from "../../src-main/agent/agent.ts";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface RoomAgentOptions {
  /** The relay's endpoint. */
  readonly url: string;
  readonly token: string;
  readonly clock?: Clock;
  /** The policy file's text; null: no file. @default one that names rooms and nothing else */
  readonly policy?: string | null;
}

export interface RoomAgent {
  readonly policyFile: string;
  /** How often it has entered the room. */
  readonly entries: number;
  readonly refusals: readonly PicketError[];
  close(): Promise<void>;
}

/** A real agent in this process that is in a room and serves nobody else, gone when the test ends. */
export async function startRoomAgent(
  context: Pick<TestContext, "after">,
  options: RoomAgentOptions,
): Promise<RoomAgent> {
  const { url, token, clock = systemClock, policy = "version: 1\ncapabilities: [rooms]\n" } = options;
  const folder = temporaryFolder(context);
  const policyFile = join(folder, "policy.yaml");
  if (policy !== null) writeFileSync(policyFile, policy);
  const keepAlive = new KeepAlive(clock);
  let entries = 0;
  const refusals: PicketError[] = [];
  const agent = await Agent.start({
    folder: join(folder, "agent"),
    policyFile,
    version: "0.0.0",
    upstreams: [{ protocol: "rooms", name: url, folder: "relay", url, token }],
    clock,
    logger: silentLogger,
    keepAlive,
    onConnected: () => {
      entries += 1;
    },
    onRefused: (_, error) => refusals.push(error),
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await agent.close();
    keepAlive.dispose();
  };
  context.after(close);
  return {
    policyFile,
    get entries() {
      return entries;
    },
    refusals,
    close,
  };
}
