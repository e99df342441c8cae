import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Whether node-pty has its native part here, found out without loading it. */
export function terminalsAvailable(): boolean {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node-pty/package.json"));
    const places = [join("build", "Release"), join("prebuilds", `${process.platform}-${process.arch}`)];
    return places.some(
      (place) => existsSync(join(folder, place, "pty.node")) || existsSync(join(folder, place, "conpty.node")),
    );
  } catch {
    return false;
  }
}
