import { constants, promises } from "node:fs";

const digits = 16;
const flags = constants.O_WRONLY | constants.O_CREAT;

/**
 * How many bytes of a file that is coming are on the disk for good, in a small file beside it. It is written after they
 * are: after a power cut it says too little, never too much.
 */
export class HeldMark {
  readonly #path: string;
  #handle: promises.FileHandle | undefined;

  /** @param staged the file that it speaks of */
  constructor(staged: string) {
    this.#path = markOf(staged);
  }

  /** @returns 0 when nothing is known */
  static async read(staged: string): Promise<number> {
    try {
      const text = await promises.readFile(markOf(staged), "latin1");
      return /^\d{16}$/.test(text) ? Number(text) : 0;
    } catch {
      return 0;
    }
  }

  /** Before bytes are taken back: a power cut must not bring back the larger number. */
  async lower(bytes: number): Promise<void> {
    await this.write(bytes);
    await this.#handle?.datasync();
  }

  /** One small write to one place: it is there whole, or the old one is. */
  async write(bytes: number): Promise<void> {
    const handle = this.#handle ?? (await promises.open(this.#path, flags));
    this.#handle = handle;
    await handle.write(String(bytes).padStart(digits, "0"), 0, "latin1");
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await promises.rm(this.#path, { force: true });
  }
}

export const markEnding = ".held";

function markOf(staged: string): string {
  return `${staged}${markEnding}`;
}
