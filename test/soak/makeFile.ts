import { createHash, randomFillSync } from "node:crypto";
import { promises } from "node:fs";

const blockBytes = 1024 * 1024;

/** No two blocks of it are alike. @returns its SHA-256 */
export async function makeFile(path: string, size: number): Promise<string> {
  const handle = await promises.open(path, "w");
  const hash = createHash("sha256");
  const block = randomFillSync(Buffer.alloc(blockBytes));
  for (let offset = 0; offset < size; offset += blockBytes) {
    block.writeDoubleLE(offset);
    hash.update(block);
    await handle.write(block);
  }
  await handle.close();
  return hash.digest("hex");
}
