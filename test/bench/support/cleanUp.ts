import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const children = new Set<ChildProcess>();
const folders = new Set<string>();
let watching = false;

/** However this process ends, the child does not outlive it. */
export function keepUntilExit(child: ChildProcess): void {
  watch();
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/** A folder under the temporary one that is gone when this process ends. */
export function scratchFolder(name: string): string {
  watch();
  const folder = mkdtempSync(join(tmpdir(), `picket-${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}

function watch(): void {
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const child of children) child.kill("SIGKILL");
    for (const folder of folders) removeFolder(folder);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
}
