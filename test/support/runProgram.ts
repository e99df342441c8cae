import { join } from "node:path";
import type { TestContext } from "node:test";
import { type ProgramOptions, type RunningProgram, runNode } from "./runNode.ts";

const entry = join(import.meta.dirname, "../../src-main/headless.ts");

/** The program from source as a process of its own, with settings of the environment beside what every process needs. */
export function runProgram(
  context: Pick<TestContext, "after">,
  args: readonly string[],
  { env, ...options }: ProgramOptions = {},
): RunningProgram {
  const needed = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", CI: "1" };
  return runNode(context, [entry, ...args], { ...options, env: { ...needed, ...env } });
}
