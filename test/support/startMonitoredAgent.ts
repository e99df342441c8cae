import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Agent } from "../../src-main/agent/agent.ts";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface MonitoredAgentOptions {
  /** The address of the agents' endpoint. */
  readonly url: string;
  readonly apiKey: string;
  /** The policy file's text. @default commands only */
  readonly policy?: string;
  readonly folder?: string;
  readonly clock?: Clock;
  /** Where a container engine is. @default nowhere */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningAgent {
  readonly folder: string;
  readonly connections: number;
  readonly refusals: readonly PicketError[];
  close(): Promise<void>;
}

/** A real agent in this process that serves one monitoring server, gone when the test ends. */
export async function startMonitoredAgent(
  context: Pick<TestContext, "after">,
  options: MonitoredAgentOptions,
): Promise<RunningAgent> {
  const { url, apiKey, policy, folder = temporaryFolder(context), clock = systemClock } = options;
  const policyFile = join(folder, "policy.yaml");
  writeFileSync(policyFile, policy ?? "version: 1\ncapabilities: [commands]\n");
  const keepAlive = new KeepAlive(clock);
  let connections = 0;
  const refusals: PicketError[] = [];
  const agent = await Agent.start({
    folder: join(folder, "agent"),
    policyFile: join(folder, "no-such-policy.yaml"),
    version: "0.0.0",
    environment: options.environment ?? { DOCKER_HOST: `unix://${folder}/no-engine.sock` },
    upstreams: [{ protocol: "monitoring", name: "monitor", folder: "monitor", url, apiKey, policyFile }],
    clock,
    logger: silentLogger,
    keepAlive,
    onConnected: () => {
      connections += 1;
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
    folder,
    get connections() {
      return connections;
    },
    refusals,
    close,
  };
}
