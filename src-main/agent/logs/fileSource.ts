import { constants } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { LogSource, SourceHandler } from "./collectedLine.ts";
import { type FilePosition, fingerprint, formatPosition, isWholeHead, readHead, readPosition } from "./filePosition.ts";
import { maxMessageBytes, maxSourceLength, withCut } from "./lineLimits.ts";
import { LineSplitter, type SplitLine } from "./lineSplitter.ts";
import { readPlainLine } from "./plainLine.ts";

export interface FileSourceOptions {
  readonly path: string;
  /** Where the core has it up to; undefined: it was never read. */
  readonly position: string | undefined;
  /** Whether a file that was never read is read from its beginning: one that came while others were followed. */
  readonly fromStart: boolean;
  readonly handler: SourceHandler;
  readonly clock: Clock;
}

const pollEvery = 1_000;
const chunkSize = 64 * 1024;

/** What of a file is being read. */
interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  readonly splitter: LineSplitter;
  offset: number;
  /** The beginning of the file: when it is another one, so is the file, whatever its number. */
  head: Uint8Array;
  /** Lines that were there before anybody followed are read at the reader's pace. */
  backlog: boolean;
}

/**
 * Follows a plain file. A file that was renamed is read to its end before the new one is begun, one that was cut or
 * written anew from its beginning; also when that happened while nobody looked, as long as the old one is still there.
 */
export class FileSource implements LogSource {
  readonly #options: FileSourceOptions;
  readonly #source: string;
  readonly #timer: Disposable;
  #saved: FilePosition | undefined;
  #file: OpenFile | undefined;
  /** From where a file that is opened next is read. */
  #fromStart: boolean;
  #paused = false;
  #closed = false;
  #working: Promise<void> | undefined;
  #trouble: string | undefined;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.#source = options.path.slice(-maxSourceLength);
    this.#saved = readPosition(options.position);
    this.#fromStart = options.fromStart || this.#saved !== undefined;
    this.#timer = options.clock.repeat(pollEvery, () => this.#poll());
    this.#poll();
  }

  get name(): string {
    return this.#options.path;
  }

  /** Whether there is no file of this name, and nothing is left of the one that there was. */
  get isGone(): boolean {
    return this.#file === undefined && this.#working === undefined;
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#poll();
  }

  close(): void {
    this.#closed = true;
    this.#timer.dispose();
    void (this.#working ?? Promise.resolve()).then(() => this.#closeFile());
  }

  #poll(): void {
    if (this.#paused || this.#closed || this.#working !== undefined) return;
    this.#working = this.#read()
      .then(() => {
        this.#trouble = undefined;
      })
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #read(): Promise<void> {
    if (this.#file === undefined) await this.#open();
    const file = this.#file;
    if (file === undefined) return;
    if (await this.#isRewritten(file)) this.#begin(file, 0, new Uint8Array(0));
    await this.#readToEnd();
    if (this.#paused || this.#closed || !(await this.#isReplaced())) return;
    // What was written between the last look and the renaming.
    await this.#readToEnd();
    if (this.#paused || this.#closed) return;
    this.#file?.splitter.flush((line) => this.#onLine(line));
    await this.#closeFile();
    this.#fromStart = true;
    await this.#read();
  }

  /** Opens the file; or first the one that it was before, when that one was not read to its end. */
  async #open(): Promise<void> {
    const { path, handler } = this.#options;
    const saved = this.#saved;
    this.#saved = undefined;
    const opened = await openRegular(path);
    if (saved !== undefined && (opened === undefined || !(await isSame(opened, saved)))) {
      const former = await findFormer(path, saved);
      if (former !== undefined) {
        await opened?.handle.close();
        this.#begin(former, saved.offset, await readHead(former.handle, saved.offset));
        return;
      }
      handler.trouble(`${path} was replaced while nobody read it: its last lines may be missing`);
    }
    if (opened === undefined) {
      // Whatever comes later under this name is new.
      this.#fromStart = true;
      return;
    }
    const { size, handle } = opened;
    const known = saved !== undefined && (await isSame(opened, saved)) ? saved.offset : undefined;
    const offset = known ?? (this.#fromStart ? 0 : size);
    this.#begin(opened, offset, await readHead(handle, offset));
  }

  #begin({ handle, inode }: Pick<OpenFile, "handle" | "inode">, offset: number, head: Uint8Array): void {
    const splitter = new LineSplitter(maxMessageBytes, offset);
    this.#file = { handle, inode, splitter, offset, head, backlog: true };
  }

  async #readToEnd(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    // Of two hundred files most rest: only one that has something to say costs a buffer.
    if ((await file.handle.stat()).size <= file.offset) {
      file.backlog = false;
      return;
    }
    const buffer = Buffer.allocUnsafe(chunkSize);
    while (!this.#paused && !this.#closed) {
      const { bytesRead } = await file.handle.read(buffer, 0, chunkSize, file.offset);
      if (bytesRead === 0) {
        file.backlog = false;
        return;
      }
      file.offset += bytesRead;
      if (!isWholeHead(file.head)) file.head = await readHead(file.handle, file.offset);
      file.splitter.push(buffer.subarray(0, bytesRead), (line) => this.#onLine(line));
    }
  }

  #onLine({ text, cut, end }: SplitLine): void {
    const file = this.#file;
    if (this.#closed || file === undefined || text.trim() === "") return;
    const { handler, clock } = this.#options;
    const entry = readPlainLine(text, this.#source, clock.wallTime());
    const position = formatPosition({ inode: file.inode, offset: end, head: fingerprint(file.head, end) });
    handler.line({ ...entry, message: withCut(entry.message, cut), position, backlog: file.backlog });
  }

  /** Whether the open file was cut, or cut and written anew. */
  async #isRewritten(file: OpenFile): Promise<boolean> {
    const { size } = await file.handle.stat();
    const head = await readHead(file.handle, file.head.length);
    const isCut = size < file.offset || Buffer.compare(head, file.head) !== 0;
    if (isCut) file.splitter.flush((line) => this.#onLine(line));
    return isCut;
  }

  /** Whether the name now is another file's, or nobody's. */
  async #isReplaced(): Promise<boolean> {
    try {
      return (await stat(this.#options.path, { bigint: true })).ino !== this.#file?.inode;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
      throw error;
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  #complain(error: unknown): void {
    const trouble = describeError(error);
    if (trouble === this.#trouble || this.#closed) return;
    this.#trouble = trouble;
    this.#options.handler.trouble(`${this.#options.path} cannot be read: ${trouble}`);
  }
}

interface OpenedFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  readonly size: number;
}

/**
 * Opens a plain file. No links: who may write a folder could make one to a file that only this program may read. Without
 * waiting: of a pipe there may be no writer.
 */
async function openRegular(path: string): Promise<OpenedFile | undefined> {
  let handle: FileHandle;
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const found = await handle.stat({ bigint: true });
  if (found.isFile()) return { handle, inode: found.ino, size: Number(found.size) };
  await handle.close();
  return undefined;
}

async function isSame({ handle, inode, size }: OpenedFile, saved: FilePosition): Promise<boolean> {
  return (
    inode === saved.inode &&
    size >= saved.offset &&
    fingerprint(await readHead(handle, saved.offset), saved.offset) === saved.head
  );
}

/** The file that had this name before: beside it, under a longer name, as every rotation does it. */
async function findFormer(path: string, saved: FilePosition): Promise<OpenedFile | undefined> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(basename(path).replace(/\.\w+$/, "")) || name === basename(path)) continue;
    const candidate = join(folder, name);
    const found = await stat(candidate, { bigint: true }).catch(() => undefined);
    if (found?.ino !== saved.inode) continue;
    const opened = await openRegular(candidate).catch(() => undefined);
    if (opened === undefined) continue;
    if (await isSame(opened, saved)) return opened;
    await opened.handle.close();
  }
  return undefined;
}
