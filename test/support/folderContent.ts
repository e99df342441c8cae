import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every file below a folder with its mode and a hash of what is in it: equal twice, nothing was changed. */
export function folderContent(folder: string): Readonly<Record<string, string>> {
  const content: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const hash = stat.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
    content[name] = `${stat.mode.toString(8)} ${hash}`;
  }
  return content;
}
