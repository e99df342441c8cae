import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { eventually } from "./eventually.ts";

export interface ProgramOptions {
  /** The whole of its environment. @default this process's */
  readonly env?: NodeJS.ProcessEnv;
  /** Runs as this user. */
  readonly uid?: number;
}

export interface ProgramExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the pattern's group caught on standard output, once it was printed. */
  printed(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended by itself or by a signal. */
  readonly exit: Promise<ProgramExit>;
}

/** Node with other arguments as a process of its own, with its two outputs apart; killed when the test ends. */
export function runNode(
  context: Pick<TestContext, "after">,
  args: readonly string[],
  { env = process.env, uid }: ProgramOptions = {},
): RunningProgram {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exit = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  context.after(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    printed: (pattern) =>
      eventually(
        () => {
          const found = pattern.exec(stdout);
          if (found === null && child.exitCode !== null) throw new Error(`it ended: ${stdout}${stderr}`);
          return found === null ? undefined : (found[1] ?? found[0]);
        },
        { within: 30_000, what: `${pattern} in what the program prints` },
      ),
    signal: (signal) => void child.kill(signal),
    exit,
  };
}
