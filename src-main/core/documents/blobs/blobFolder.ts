import { promises } from "node:fs";
import { join } from "node:path";
import { isMissing } from "./diskError.ts";

export const hashPattern = /^[0-9a-f]{64}$/;
const shardPattern = /^[0-9a-f]{2}$/;

/** Where files lie on the disk: `ab/<sha256>`, and those that are still coming in `incoming/<task id>`. */
export class BlobFolder {
  /** Where files are that are not complete. */
  readonly incoming: string;
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
    this.incoming = join(root, "incoming");
  }

  /** @param root made when it is not there */
  static async open(root: string): Promise<BlobFolder> {
    const folder = new BlobFolder(root);
    await promises.mkdir(folder.incoming, { recursive: true, mode: 0o700 });
    return folder;
  }

  pathOf(hash: string): string {
    return join(this.#shardOf(hash), hash);
  }

  /** Bytes of the blob's file, undefined when there is none. */
  async sizeOf(hash: string): Promise<number | undefined> {
    try {
      return (await promises.stat(this.pathOf(hash))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Moves a complete and synced file to its place. It is there after a power cut, too, when this resolves. */
  async moveIn(file: string, hash: string): Promise<void> {
    const shard = this.#shardOf(hash);
    if ((await promises.mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(this.root);
    await promises.rename(file, this.pathOf(hash));
    await syncFolder(shard);
  }

  /** Undoes `moveIn`. */
  async moveOut(hash: string, file: string): Promise<void> {
    await promises.rename(this.pathOf(hash), file);
  }

  async remove(hash: string): Promise<void> {
    await promises.rm(this.pathOf(hash), { force: true });
  }

  /** The first two characters of blobs that there are folders for. */
  async shards(): Promise<readonly string[]> {
    return (await promises.readdir(this.root)).filter((name) => shardPattern.test(name)).sort();
  }

  /** The hashes of the files in one of these folders. */
  async hashesIn(shard: string): Promise<readonly string[]> {
    return (await promises.readdir(join(this.root, shard))).filter((name) => hashPattern.test(name));
  }

  /** Bytes that the disk has left for us, and has at all. */
  async space(): Promise<{ readonly free: number; readonly total: number }> {
    const { bavail, blocks, bsize } = await promises.statfs(this.root);
    return { free: bavail * bsize, total: blocks * bsize };
  }

  #shardOf(hash: string): string {
    return join(this.root, hash.slice(0, 2));
  }
}

/** A rename is in the folder, and the folder is only in memory until it is synced. Windows has no such call, or need. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await promises.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
