import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const root = join(import.meta.dirname, "../..");
const entry = join(root, "dist/main/headless.js");
const execFileAsync = promisify(execFile);

export interface TestProgramOptions {
  readonly args?: readonly string[];
  /** @default a new one, gone when the test ends */
  readonly dataFolder?: string;
  /** Beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestProgram {
  readonly dataFolder: string;
  /** `http://127.0.0.1:port` of its core. */
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  /** The one-time link that the start printed. */
  readonly consoleLink: string;
  /** What it printed so far. */
  readonly output: string;
  /** Runs a subcommand on the same data folder and returns what it printed. */
  run(...args: readonly string[]): Promise<string>;
  enrolmentToken(uses?: number, group?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface TestProcess {
  readonly output: string;
  /** What the pattern's group caught, once it was printed. */
  printed(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

type Context = Pick<TestContext, "after">;

/** Core, agent and console as `npm start` runs them: the built program, in a process and a data folder of its own. */
export async function startProgram(context: Context, options: TestProgramOptions = {}): Promise<TestProgram> {
  let child: TestProcess | undefined;
  // Before the folder goes that it writes to: what is registered first is done first.
  context.after(() => child?.stop());
  const dataFolder = options.dataFolder ?? temporaryFolder(context);
  const args = ["--listen", "127.0.0.1:0", "--data", dataFolder, ...(options.args ?? [])];
  const started = startProcess(context, args, options.environment);
  child = started;
  const consoleLink = await started.printed(/picket console: (\S+)/);
  const url = new URL(consoleLink).origin;
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execFileAsync(process.execPath, [entry, ...args, "--data", dataFolder]);
    return stdout;
  };
  return {
    dataFolder,
    url,
    wsUrl: url.replace(/^http/, "ws"),
    port: Number(new URL(url).port),
    consoleLink,
    get output() {
      return started.output;
    },
    run,
    async enrolmentToken(uses = 1, group = "default") {
      const printed = await run("token", "create", "--uses", String(uses), "--group", group, "--json");
      return (JSON.parse(printed) as { readonly token: string }).token;
    },
    stop: started.stop,
  };
}

/** The program with other arguments: an agent alone, for example. It writes where `--data` says. */
export function startProcess(
  context: Context,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TestProcess {
  if (!existsSync(entry)) throw new Error("the program is not built: npm run build");
  let stop = async (): Promise<void> => {};
  context.after(() => stop());
  // The shells that it starts read nobody's profile, and leave nothing in anybody's history.
  const env = { ...process.env, HOME: temporaryFolder(context), ...environment };
  const child = spawn(process.execPath, [entry, "--no-open", ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  const take = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  const closed = once(child, "close");
  stop = async () => {
    child.kill("SIGTERM");
    await closed;
  };
  return {
    get output() {
      return output;
    },
    printed(pattern) {
      return eventually(
        () => {
          if (child.exitCode !== null) throw new Error(`the program ended: ${output}`);
          const found = pattern.exec(output);
          return found === null ? undefined : (found[1] ?? found[0]);
        },
        { within: 20_000, what: `${pattern} in what the program prints` },
      );
    },
    stop,
  };
}
