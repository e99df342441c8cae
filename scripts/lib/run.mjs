import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/**
 * Runs a program to its end, with this one's terminal.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, cwd?: string }} [options] `quiet` sends its standard output to
 *   standard error, so that a command whose output is data stays clean.
 * @returns {Promise<number>} the exit code; 128 + signal number is what a shell would report for a signal
 */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ["inherit", options.quiet ? 2 : "inherit", "inherit"],
      shell: process.platform === "win32" && file === "npm",
    });
    // A terminal sends its interrupt to the whole group: the child has it already. A supervisor's SIGTERM it has not.
    const ignore = () => {};
    const forward = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1));
    });
  });
}

/** Runs a program and fails with one sentence, which names `what` it was for, when it fails. */
export async function must(what, [file, ...args], options = {}) {
  const code = await run(file, args, options);
  if (code !== 0) throw new SetupError(`${what} failed (exit code ${code}): see the lines above`);
}

/** A failure of the set-up that is told in one sentence, without a stack. */
export class SetupError extends Error {}

/** Runs `main` as a script: a `SetupError` is one sentence and exit code 1. */
export async function script(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`picket: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** One line about what is being done, on standard error. */
export function say(message) {
  process.stderr.write(`picket: ${message}\n`);
}
