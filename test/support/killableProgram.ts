import { join } from "node:path";
import type { TestContext } from "node:test";
import { withLocalCore } from "../../src-main/cli/localCore.ts";
import type { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import { eventually } from "./eventually.ts";
import { type KillableChild, startChild } from "./killableChild.ts";

const entry = join(import.meta.dirname, "../../src-main/headless.ts");
const readyWithin = 20_000;

type Context = Pick<TestContext, "after">;

export interface KillableCore extends KillableChild {
  readonly dataFolder: string;
  readonly port: number;
  /** Talks to it over its local socket, as the command line does. */
  ask<T>(use: (client: MachinesClient) => Promise<T>): Promise<T>;
}

/** The core as a process of its own, from source, on a port that a later one can have again. */
export async function startKillableCore(
  context: Context,
  { dataFolder, port = 0 }: { readonly dataFolder: string; readonly port?: number },
): Promise<KillableCore> {
  const args = [
    "--core-only",
    "--no-open",
    "--log-level",
    "error",
    "--data",
    dataFolder,
    "--listen",
    `127.0.0.1:${port}`,
  ];
  const child = startChild(context, entry, args);
  const line = await ready(child, "picket core listening on ");
  return {
    ...child,
    dataFolder,
    port: Number(new URL(line.split(" ").at(-1) ?? "").port),
    ask: (use) => withLocalCore(dataFolder, use),
  };
}

export interface KillableAgentOptions {
  readonly dataFolder: string;
  readonly port: number;
  readonly nodeId: string;
  /** Needed the first time only. */
  readonly token?: string;
}

/** An agent without a core as a process of its own; it is connected when this resolves. */
export async function startKillableAgent(context: Context, options: KillableAgentOptions): Promise<KillableChild> {
  const { dataFolder, port, nodeId, token } = options;
  const args = [
    "--agent-only",
    "--log-level",
    "error",
    "--data",
    dataFolder,
    "--server",
    `http://127.0.0.1:${port}`,
    "--node-id",
    nodeId,
  ];
  const child = startChild(context, entry, token === undefined ? args : [...args, "--token", token]);
  await ready(child, "picket agent connected to ");
  return child;
}

function ready({ lines, process }: KillableChild, start: string): Promise<string> {
  return eventually(
    () => {
      if (process.exitCode !== null) throw new Error(`it ended before it was ready: ${lines.join("\n")}`);
      return lines.find((line) => line.startsWith(start));
    },
    { within: readyWithin, what: `"${start}"` },
  );
}
