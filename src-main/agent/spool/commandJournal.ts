import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { PicketError } from "../../base/errors.ts";

const remembered = 2_000;

/**
 * The ids of the commands that this agent took on, on disk before the command starts: whatever breaks, a command that
 * is given a second time is not run a second time.
 */
export class CommandJournal {
  /** Oldest first. True while it runs. */
  readonly #ids = new Map<string, boolean>();
  readonly #file: string;
  #descriptor: number | undefined;
  /** What stands before the next line: the last one may have been cut off. */
  #separator = "";

  constructor(file: string) {
    this.#file = file;
    for (const line of read(file).split("\n")) {
      const id = idIn(line);
      if (id === undefined) continue;
      if (line.startsWith("+")) this.#ids.set(id, true);
      else if (line.startsWith("-") && this.#ids.has(id)) this.#ids.set(id, false);
    }
    this.#forgetOldest();
    this.#compact();
  }

  /** Whether this command was taken on before. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Commands that were running when the agent stopped without a word. Valid before anything is started. */
  interrupted(): string[] {
    return [...this.#ids].filter(([, running]) => running).map(([id]) => id);
  }

  /**
   * Writes the id down and waits for the disk.
   *
   * @throws {PicketError} `NODE_STORAGE_FAILED` when it cannot: then the command must not run
   */
  started(id: string): void {
    try {
      fsyncSync(this.#write(started(id)));
    } catch (cause) {
      throw new PicketError("NODE_STORAGE_FAILED", { cause });
    }
    this.#ids.set(id, true);
    this.#forgetOldest();
  }

  ended(id: string): void {
    this.#ids.set(id, false);
    try {
      this.#write(ended(id));
    } catch {
      // Then the next start reports it as interrupted; its result, which is stored apart, comes first.
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }

  /** Written anew at every start, so that it does not grow for ever. */
  #compact(): void {
    const lines = [...this.#ids].flatMap(([id, running]) => (running ? [started(id)] : [started(id), ended(id)]));
    try {
      writeFileSync(`${this.#file}.new`, lines.join(""), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // A full disk: the agent starts all the same, and takes on commands when it can write them down.
      this.#separator = "\n";
    }
  }

  #write(line: string): number {
    this.#descriptor ??= openSync(this.#file, "a", 0o600);
    writeSync(this.#descriptor, this.#separator + line);
    this.#separator = "";
    return this.#descriptor;
  }

  #forgetOldest(): void {
    for (const [id, running] of this.#ids) {
      if (this.#ids.size <= remembered) return;
      if (!running) this.#ids.delete(id);
    }
  }
}

/** Ids come from the core: one with a line end in it must stay one line. */
function started(id: string): string {
  return `+${encodeURIComponent(id)}\n`;
}

/** Undefined for a line that a crash has cut off in the middle of a character. */
function idIn(line: string): string | undefined {
  try {
    return decodeURIComponent(line.slice(1));
  } catch {
    return undefined;
  }
}

function ended(id: string): string {
  return `-${encodeURIComponent(id)}\n`;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
