import { glob } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { SourceHandler } from "./collectedLine.ts";
import { FileSource } from "./fileSource.ts";

export interface FileSetOptions {
  /** Absolute paths; with stars for several. */
  readonly patterns: readonly string[];
  readonly position: (path: string) => string | undefined;
  readonly handler: (path: string) => SourceHandler;
  readonly clock: Clock;
}

const lookEvery = 10_000;
const maxFiles = 200;

/** The files that patterns name, each followed; looked for again and again, for files come and go. */
export class FileSet implements Disposable {
  readonly #options: FileSetOptions;
  readonly #sources = new Map<string, FileSource>();
  readonly #timer: Disposable;
  #paused = false;
  #closed = false;
  #looking = false;
  #lookedOnce = false;
  #isFull = false;

  constructor(options: FileSetOptions) {
    this.#options = options;
    this.#timer = options.clock.repeat(lookEvery, () => void this.#look());
    void this.#look();
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    for (const source of this.#sources.values()) source.setPaused(paused);
  }

  dispose(): void {
    this.#closed = true;
    this.#timer.dispose();
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    const found = await this.#find();
    this.#looking = false;
    if (this.#closed) return;
    for (const [path, source] of this.#sources) {
      // One that was deleted is first read to its end.
      if (found.has(path) || !source.isGone) continue;
      source.close();
      this.#sources.delete(path);
    }
    for (const path of found) if (!this.#sources.has(path)) this.#follow(path);
    this.#lookedOnce = true;
  }

  #follow(path: string): void {
    const { position, handler, clock } = this.#options;
    if (this.#sources.size >= maxFiles) {
      if (!this.#isFull) handler(path).trouble(`more than ${maxFiles} files are named: ${path} is not read`);
      this.#isFull = true;
      return;
    }
    const fromStart = this.#lookedOnce;
    const options = { path, position: position(path), fromStart, handler: handler(path), clock };
    const source = new FileSource(options);
    source.setPaused(this.#paused);
    this.#sources.set(path, source);
  }

  async #find(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const pattern of this.#options.patterns) {
      // A name without a star is followed also while it is not there.
      if (!/[*?[{]/.test(pattern)) {
        found.add(pattern);
        continue;
      }
      try {
        for await (const entry of glob(pattern, { withFileTypes: true })) {
          if (entry.isFile() && found.size < 2 * maxFiles) found.add(`${entry.parentPath}/${entry.name}`);
        }
      } catch (error) {
        this.#options.handler(pattern).trouble(`${pattern} cannot be looked for: ${describeError(error)}`);
      }
    }
    return found;
  }
}
