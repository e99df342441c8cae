import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";

export interface KillableChild {
  readonly process: ChildProcess;
  /** The whole lines that it printed so far. */
  readonly lines: string[];
  /** Ends it as a power cut does and waits until it is gone. What it printed before is in `lines` then. */
  kill(): Promise<void>;
}

/** Runs a TypeScript file of the tests as a process of its own, to be killed in the middle of its work. */
export function startChild(context: Pick<TestContext, "after">, file: string, args: readonly string[]): KillableChild {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  const closed = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  context.after(kill);
  return { process: child, lines, kill };
}
