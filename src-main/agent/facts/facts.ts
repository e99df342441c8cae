import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { networkInterfaces, release, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { Logger } from "../../base/logger.ts";

const timeout = 30_000;
const maxBytes = 512 * 1024;

/** Everything that is known about this machine, collected by a process of its own. Undefined when that failed. */
export function collectFacts(logger: Logger): Promise<Record<string, unknown> | undefined> {
  // Beside this file as source, beside the bundle as build.
  const name = import.meta.url.endsWith(".ts") ? "./collectFacts.ts" : "./collectFacts.js";
  const script = fileURLToPath(new URL(name, import.meta.url));
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { timeout, maxBuffer: maxBytes, env }, (error, stdout) => {
      try {
        if (error !== null) throw error;
        resolve(JSON.parse(stdout) as Record<string, unknown>);
      } catch (failure) {
        logger.warn("the facts about this machine could not be collected", { error: (failure as Error).message });
        resolve(undefined);
      }
    });
  });
}

/** The operating system in one line, without starting anything. */
export function osLine(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)"?/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
    if (name !== undefined) return name;
  } catch {
    // Not a Linux that says what it is.
  }
  return `${type()} ${release()}`;
}

/** The address that others most likely reach this machine at. */
export function primaryAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.filter(({ internal }) => !internal);
  const chosen = outer.find(({ family }) => family === "IPv4") ?? outer[0];
  return chosen?.address ?? "127.0.0.1";
}
