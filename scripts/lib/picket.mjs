import { ensureBuild } from "./build.mjs";
import { ensurePackages } from "./packages.mjs";
import { builtEntry, nodeExecutable, nodeOptions } from "./paths.mjs";
import { run } from "./run.mjs";

/**
 * Runs the built program, after setting up what is missing. Where a process can be replaced, this one becomes the
 * program, so that signals and memory are its own; elsewhere it is a child.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function runPicket(args) {
  await ensurePackages();
  await ensureBuild();
  const [file, ...rest] = [nodeExecutable(), ...nodeOptions, builtEntry, ...args];
  if (process.platform !== "win32") process.execve?.(file, [file, ...rest], process.env);
  return run(file, rest, { cwd: process.cwd() });
}
