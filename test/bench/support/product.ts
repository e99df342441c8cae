import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { nodeOptions } from "../../../scripts/lib/paths.mjs";
import { withLocalCore } from "../../../src-main/cli/localCore.ts";
import { keepUntilExit, removeFolder, scratchFolder } from "./cleanUp.ts";

export const root = join(import.meta.dirname, "../../..");
const entry = join(root, "dist", "main", "headless.js");
export const administrator: Credentials = { username: "admin", password: "correct horse battery" };
const readyWithin = 30_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface StartOptions {
  /** Kept when the process stops; without it the process gets one of its own that goes with it. */
  readonly dataFolder?: string;
  /** Further arguments of the program. */
  readonly args?: readonly string[];
}

/** Arguments of Node for every process of the product: as users start it; `--profile` of the bench adds its own. */
let nodeArguments: readonly string[] = nodeOptions;

/** Writes a processor profile of every core and agent into the folder when it stops. */
export function profileInto(folder: string): void {
  nodeArguments = [...nodeOptions, "--cpu-prof", "--cpu-prof-dir", folder];
}

/** The built program as a process of its own. */
export class Product {
  readonly dataFolder: string;
  /** Milliseconds from the start of the process to its ready line. */
  readonly startTime: number;
  readonly #process: ChildProcess;
  readonly #ownsFolder: boolean;

  protected constructor(started: Started) {
    this.#process = started.process;
    this.dataFolder = started.dataFolder;
    this.startTime = started.startTime;
    this.#ownsFolder = started.ownsFolder;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.isRunning) {
      const exited = once(this.#process, "exit");
      this.#process.kill(signal);
      await exited;
    }
    if (this.#ownsFolder) removeFolder(this.dataFolder);
  }
}

export class CoreProcess extends Product {
  /** `http://127.0.0.1:port`. */
  readonly url: string;

  private constructor(started: Started) {
    super(started);
    this.url = started.readyLine.trim().split(" ").at(-1) ?? "";
  }

  static async start(options: StartOptions & { readonly port?: number } = {}): Promise<CoreProcess> {
    const args = ["--core-only", "--listen", `127.0.0.1:${options.port ?? 0}`, ...(options.args ?? [])];
    return new CoreProcess(await start({ ...options, args }, /^picket core listening on .*$/m));
  }

  get wsUrl(): string {
    return this.url.replace(/^http/, "ws");
  }

  /** An enrolment token for so many nodes. */
  async token(uses: number): Promise<string> {
    return withLocalCore(this.dataFolder, async (client) => (await client.request("token-create", { uses })).token);
  }

  /** An access token, of the administrator when nobody else is named. */
  async signIn(who: Credentials = administrator): Promise<string> {
    const response = await fetch(`${this.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(who),
    });
    if (response.status !== 200) throw new Error(`signing in failed: ${response.status}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** One number of the core's metrics. */
  async gauge(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  }
}

export interface AgentOptions extends StartOptions {
  readonly nodeId: string;
  /** Another address that leads to the core. */
  readonly through?: string;
}

export class AgentProcess extends Product {
  static async start(core: CoreProcess, options: AgentOptions): Promise<AgentProcess> {
    const { nodeId, through = core.url } = options;
    const args = ["--agent-only", "--server", through, "--token", await core.token(1), "--node-id", nodeId];
    const all = [...args, ...(options.args ?? [])];
    return new AgentProcess(await start({ ...options, args: all }, /^picket agent connected to .*$/m));
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly dataFolder: string;
  readonly ownsFolder: boolean;
  readonly startTime: number;
  readonly readyLine: string;
}

async function start(options: StartOptions, ready: RegExp): Promise<Started> {
  if (!existsSync(entry)) throw new Error(`${entry} is not there: npm run build`);
  const dataFolder = options.dataFolder ?? scratchFolder("bench-data");
  const fixed = ["--data", dataFolder, "--no-open", "--log-level", "warn"];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, entry, ...fixed, ...(options.args ?? [])], {
    cwd: root,
    env: { ...plainEnvironment(), PICKET_ADMIN_PASSWORD: administrator.password },
    stdio: ["ignore", "pipe", "pipe"],
  });
  keepUntilExit(child);
  const readyLine = await firstLine(child, ready);
  const startTime = performance.now() - startedAt;
  return { process: child, dataFolder, ownsFolder: options.dataFolder === undefined, startTime, readyLine };
}

function firstLine(child: ChildProcess, ready: RegExp): Promise<string> {
  let printed = "";
  let complained = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`picket ${why}\n${printed}${complained}`));
    const timer = setTimeout(() => fail(`was not ready within ${readyWithin} ms`), readyWithin);
    // Heard after the ready line too, when there is nothing left to reject.
    child.once("exit", (code, signal) => fail(`ended (${code ?? signal}) before it was ready`));
    child.stderr?.on("data", (chunk: Buffer) => {
      complained = `${complained}${chunk.toString("utf8")}`.slice(-4096);
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      printed = `${printed}${chunk.toString("utf8")}`.slice(-4096);
      const line = ready.exec(printed)?.[0];
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
}

/** What the caller's shell says to Picket or to Node is not for the processes that are measured. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.filter(([name]) => !/^(PICKET_|NODE_|npm_)/.test(name)).concat([["SHELL", "/bin/sh"]]),
  );
}
