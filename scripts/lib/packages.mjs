import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeExecutable, nodeMajor, root } from "./paths.mjs";
import { must, run, SetupError, say } from "./run.mjs";

const stampFile = join(root, "node_modules", ".picket-installed");

/**
 * Installs the packages of the lock file if the installed ones are not those. The install scripts of the three packages
 * that need one run afterwards, one by one, so that a machine without a compiler still gets everything but terminals,
 * and is told so in one sentence.
 */
export async function ensurePackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  say("installing the packages of the lock file (the first time takes about a minute)…");
  const npm = { quiet: true, env: { ...process.env, npm_config_loglevel: "error" } };
  await must("npm ci", ["npm", "ci", "--ignore-scripts"], npm);
  await must("installing Node", ["npm", "rebuild", "node", "bufferutil", "--foreground-scripts"], npm);
  if (nodeExecutable() === undefined) {
    throw new SetupError(
      `no Node ${nodeMajor} for ${process.platform}-${process.arch} among the packages: install Node ${nodeMajor} and run this again`,
    );
  }
  await ensureTerminals(npm);
  writeFileSync(stampFile, wanted);
}

/** Compiles node-pty where it ships no binary, against the headers that come with the packaged Node: no download. */
async function ensureTerminals(npm) {
  if (terminalsWork()) return;
  say("compiling node-pty for terminals…");
  const headers = packagedHeaders();
  const env = headers === undefined ? npm.env : { ...npm.env, npm_config_nodedir: headers };
  for (const attempt of ["as it is", "with a compiler"]) {
    if (attempt === "with a compiler" && !(await installCompiler())) break;
    await run("npm", ["rebuild", "node-pty", "--foreground-scripts"], { quiet: true, env });
    if (terminalsWork()) return;
  }
  say("node-pty could not be compiled (it needs python3, make and a C++ compiler): everything works but terminals");
}

function terminalsWork() {
  const probe = spawnSync(nodeExecutable(), ["-e", "require('node-pty')"], { cwd: root, stdio: "ignore" });
  return probe.status === 0;
}

function packagedHeaders() {
  const nested = join(root, "node_modules", "node", "node_modules");
  if (!existsSync(nested)) return undefined;
  return readdirSync(nested)
    .map((name) => join(nested, name))
    .find((folder) => existsSync(join(folder, "include", "node", "node_api.h")));
}

async function installCompiler() {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return false;
  say("installing a C++ compiler from Debian's packages…");
  return installDebianPackages(["python3", "make", "g++"]);
}

/** Installs Debian packages as root; false when apt could not. */
export async function installDebianPackages(names) {
  const options = { quiet: true, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  await run("apt-get", ["update", "-qq"], options);
  return (await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], options)) === 0;
}
