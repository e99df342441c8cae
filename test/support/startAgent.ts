import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Agent } from "../../src-main/agent/agent.ts";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { eventually } from "./eventually.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface TestAgentOptions {
  /** `ws://127.0.0.1:port` of the core. */
  readonly wsUrl: string;
  readonly token?: string | undefined;
  /** @default "agent-1" */
  readonly nodeId?: string;
  readonly clock?: Clock;
  /** The agent's folder: the same again is the same node, restarted. */
  readonly folder?: string;
  /** The policy file's text. @default everything but the facts, which take a process of their own */
  readonly policy?: string;
}

export interface TestAgent {
  readonly nodeId: string;
  readonly folder: string;
  readonly policyFile: string;
  /** How often it has registered. */
  readonly connections: number;
  readonly refusals: readonly PicketError[];
  /** Resolves when it has registered for the first time. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

const defaultPolicy = "version: 1\ncapabilities: [commands, terminal]\n";

/** A real agent in this process, with a folder of its own, gone when the test ends. */
export async function startAgent(context: Pick<TestContext, "after">, options: TestAgentOptions): Promise<TestAgent> {
  const { wsUrl, token, nodeId = "agent-1", clock = systemClock } = options;
  const folder = options.folder ?? temporaryFolder(context);
  const policyFile = join(folder, "policy.yaml");
  if (options.policy !== undefined || !existsSync(policyFile)) {
    writeFileSync(policyFile, options.policy ?? defaultPolicy);
  }
  const keepAlive = new KeepAlive(clock);
  let connections = 0;
  const refusals: PicketError[] = [];
  const agent = await Agent.start({
    folder: join(folder, "agent"),
    policyFile,
    version: "0.0.0",
    upstreams: [
      { protocol: "nodes", name: wsUrl, folder: "core", url: `${wsUrl}/api/v1/ws`, nodeId, token: async () => token },
    ],
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
    nodeId,
    folder,
    policyFile,
    get connections() {
      return connections;
    },
    refusals,
    async connected() {
      await eventually(() => connections > 0, { what: "the agent's registration" });
    },
    close,
  };
}
