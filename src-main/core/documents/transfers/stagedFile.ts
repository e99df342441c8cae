import { createHash, type Hash } from "node:crypto";
import { constants, promises } from "node:fs";
import { PicketError } from "../../../base/errors.ts";
import { diskError, isMissing } from "../blobs/diskError.ts";
import { HeldMark } from "./heldMark.ts";

/** Opens a file, as `fs.promises.open` does: where a test makes the disk full. */
export type OpenFile = (file: string, flags: number) => Promise<promises.FileHandle>;

/** What goes to the disk in one call. Two of these are all the memory that an upload takes. */
const batchBytes = 256 * 1024;
/** How many bytes a power cut may take; the sender sends them again. */
const syncEvery = 32 * 1024 * 1024;
const mostUnsynced = 4 * syncEvery;
const readBytes = 1024 * 1024;
const flags = constants.O_RDWR | constants.O_CREAT;

/**
 * A file that is coming: what arrives is hashed and written in batches, one on its way to the disk while the next fills.
 * The state of the hash stays in memory when the sender is cut off; after a restart it is computed anew from the file.
 *
 * Calls must not overlap, but for `held`.
 */
export class StagedFile {
  readonly path: string;
  readonly #open: OpenFile;
  readonly #mark: HeldMark;
  #handle: promises.FileHandle | undefined;
  /** Undefined: it does not fit what is in the file. */
  #hash: Hash | undefined;
  #received: number;
  #written: number;
  #synced: number;
  #filling: Buffer | undefined;
  #filled = 0;
  #spare: Buffer | undefined;
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #failure: PicketError | undefined;

  private constructor(path: string, held: number, open: OpenFile) {
    this.path = path;
    this.#open = open;
    this.#mark = new HeldMark(path);
    this.#received = held;
    this.#written = held;
    this.#synced = held;
  }

  /** Takes up what an earlier process left there, as far as it is known to have reached the disk. */
  static async find(path: string, open: OpenFile): Promise<StagedFile> {
    let size = 0;
    try {
      size = (await promises.stat(path)).size;
    } catch (error) {
      if (!isMissing(error)) throw diskError(error);
    }
    return new StagedFile(path, size === 0 ? 0 : Math.min(size, await HeldMark.read(path)), open);
  }

  /** Bytes that came and are kept. */
  get held(): number {
    return this.#failure === undefined ? this.#received : this.#written;
  }

  /** Whether it has a file open and memory of its own. */
  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /**
   * Keeps the first bytes and forgets the rest; goes on after a failure, too.
   *
   * @throws {PicketError} `STORAGE_FULL`, `INTERNAL_ERROR`
   */
  async keep(length: number): Promise<void> {
    await this.#settle();
    const kept = Math.min(length, this.held);
    const isWhole = this.#failure === undefined && this.#hash !== undefined && kept === this.#received;
    if (isWhole) return;
    try {
      const handle = await this.#ready();
      if (kept < this.#synced) await this.#mark.lower(kept);
      await handle.truncate(kept);
      this.#hash = await hashOf(handle, kept);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#filled = 0;
    this.#received = kept;
    this.#written = kept;
    this.#synced = Math.min(this.#synced, kept);
    this.#failure = undefined;
  }

  /**
   * @param isWanted asked after every wait: what comes from a sender that was replaced meanwhile is not taken
   * @throws {PicketError} `STORAGE_FULL`, `INTERNAL_ERROR`, and then at every call until `keep`; `CANCELLED`
   */
  async append(bytes: Uint8Array, isWanted: () => boolean): Promise<void> {
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#filling ??= Buffer.allocUnsafeSlow(batchBytes);
      const part = bytes.subarray(taken, taken + batchBytes - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.length;
      this.#received += part.length;
      taken += part.length;
      if (this.#filled === batchBytes) {
        await this.#flush();
        if (!isWanted()) throw new PicketError("CANCELLED");
      }
    }
  }

  /** Brings everything to the disk, and lets go of the file and the memory. It can be written on afterwards. */
  async rest(): Promise<void> {
    await this.#settle();
    try {
      if (this.#failure === undefined && this.#handle !== undefined && this.#synced < this.#written) await this.#sync();
    } finally {
      await this.#close();
    }
  }

  /** Everything is on the disk for good when this resolves. @returns the SHA-256 in hex */
  async complete(): Promise<string> {
    await this.#settle();
    if (this.#failure !== undefined) throw this.#failure;
    const handle = await this.#ready();
    try {
      await handle.sync();
    } catch (error) {
      throw this.#fail(error, this.#synced);
    }
    this.#synced = this.#written;
    await this.#close();
    return (this.#hash ?? createHash("sha256")).copy().digest("hex");
  }

  /** Removes the file, or what is left beside it when it was moved to its place. */
  async remove(): Promise<void> {
    await this.#settle();
    await this.#close();
    await promises.rm(this.path, { force: true });
    await this.#mark.remove();
  }

  /** What came is written, or it is known why not. */
  async #settle(): Promise<void> {
    try {
      await this.#flush();
    } catch {
      // `#failure` says it.
    }
    await this.#writing;
    await this.#syncing;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#written - this.#synced > mostUnsynced) await this.#syncing;
    if (this.#failure !== undefined) throw this.#failure;
    const [batch, length] = [this.#filling, this.#filled];
    if (batch === undefined || length === 0) return;
    const handle = await this.#ready();
    this.#filling = this.#spare;
    this.#spare = undefined;
    this.#filled = 0;
    this.#writing = this.#write(handle, batch.subarray(0, length));
    // While the disk has it, so that the two cost the time of one.
    this.#hash?.update(batch.subarray(0, length));
    this.#syncing ??= this.#written - this.#synced >= syncEvery ? this.#syncBehind() : undefined;
  }

  /** Never fails: `#failure` says it. */
  async #write(handle: promises.FileHandle, batch: Buffer): Promise<void> {
    try {
      for (let done = 0; done < batch.length; ) {
        const { bytesWritten } = await handle.write(batch, done, batch.length - done, this.#written);
        done += bytesWritten;
        this.#written += bytesWritten;
      }
    } catch (error) {
      this.#fail(error);
    }
    if (batch.length === batchBytes) this.#spare = batch;
  }

  async #syncBehind(): Promise<void> {
    try {
      await this.#sync();
    } catch {
      // `#failure` says it.
    } finally {
      this.#syncing = undefined;
    }
  }

  async #sync(): Promise<void> {
    const written = this.#written;
    try {
      await this.#handle?.datasync();
      await this.#mark.write(written);
      this.#synced = written;
    } catch (error) {
      // What was not synced may be anything now.
      throw this.#fail(error, this.#synced);
    }
  }

  #fail(error: unknown, written = this.#written): PicketError {
    this.#written = written;
    this.#hash = undefined;
    this.#filled = 0;
    this.#failure = diskError(error);
    return this.#failure;
  }

  async #ready(): Promise<promises.FileHandle> {
    this.#handle ??= await this.#open(this.path, flags);
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#filling = undefined;
    this.#spare = undefined;
    await this.#mark.close();
    await handle?.close();
  }
}

/** The hash of a file's first bytes, ready for more. */
async function hashOf(handle: promises.FileHandle, length: number): Promise<Hash> {
  const hash = createHash("sha256");
  const buffer = length === 0 ? undefined : Buffer.allocUnsafeSlow(Math.min(readBytes, length));
  for (let done = 0; buffer !== undefined && done < length; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), done);
    if (bytesRead === 0) throw new PicketError("INTERNAL_ERROR", { message: "A file that was coming became shorter." });
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
  return hash;
}
