import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { recordBytes, SampleQueue, type SpooledSample } from "./sampleQueue.ts";

/** A day at the resting pace, and some hours of watching. */
const maxRecords = 24_000;
const maxAge = 24 * 3_600_000;

/**
 * The samples that no core has acked, oldest first. In memory while all is well; on disk as soon as there is no link, so
 * that neither a cut link nor a stopped agent leaves a hole in the chart. At most a day of them, in both places.
 */
export class SampleSpool {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #queue = new SampleQueue();
  /** Acked out of their order: they leave when they are the oldest. */
  readonly #acked = new Set<number>();
  /** How many of the oldest are in the file, and how many records the file has at all. */
  #written: number;
  #fileRecords: number;
  /** Not before it was written anew: its last record may be cut off, and what stands behind that would be nonsense. */
  #appendable = false;
  #descriptor: number | undefined;

  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
    this.#queue.append(read(file));
    while (this.#queue.size > maxRecords) this.#queue.shift();
    this.#written = this.#queue.size;
    this.#fileRecords = this.#queue.size;
  }

  get size(): number {
    return this.#queue.size;
  }

  add(sample: SpooledSample): void {
    this.#queue.push(sample);
    while (this.#queue.size > maxRecords || sample.time - (this.#queue.oldest ?? sample.time) > maxAge) this.#shift();
  }

  /** Up to `count` samples from the `skip` oldest on. */
  peek(skip: number, count: number): readonly SpooledSample[] {
    return this.#queue.peek(skip, count);
  }

  /** The core has stored the sample of this time. */
  acked(time: number): void {
    this.#acked.add(time);
    while (this.#queue.oldest !== undefined && this.#acked.delete(this.#queue.oldest)) this.#shift();
    if (this.#queue.size === 0) this.#acked.clear();
    // The file is cleared when all of it is acked; until then the core drops what it is sent twice.
    if (this.#written === 0 && this.#fileRecords > 0) this.#clear();
  }

  /** Puts what waits onto the disk: while there is no link, and when the agent stops. */
  persist(): void {
    if (this.#written >= this.#queue.size) return;
    try {
      if (!this.#appendable || this.#fileRecords > maxRecords * 2) {
        this.#rewrite();
        return;
      }
      this.#descriptor ??= openSync(this.#file, "a", 0o600);
      writeSync(this.#descriptor, this.#queue.toBytes(this.#written));
      this.#fileRecords += this.#queue.size - this.#written;
      this.#written = this.#queue.size;
    } catch (error) {
      // A full disk costs the samples of a crash, not the agent: they are still in memory.
      this.#logger.warn("samples cannot be kept on disk", { error: describeError(error) });
    }
  }

  close(): void {
    this.persist();
    this.#closeFile();
  }

  #shift(): void {
    this.#queue.shift();
    this.#written = Math.max(0, this.#written - 1);
  }

  #clear(): void {
    try {
      this.#descriptor ??= openSync(this.#file, "a", 0o600);
      ftruncateSync(this.#descriptor, 0);
      this.#fileRecords = 0;
      this.#appendable = true;
      this.#closeFile();
    } catch (error) {
      this.#logger.warn("the spool cannot be cleared", { error: describeError(error) });
    }
  }

  /** Writes the file anew with what is still wanted: it must not grow for as long as a core is away. */
  #rewrite(): void {
    this.#closeFile();
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, this.#queue.toBytes(0), { mode: 0o600 });
    renameSync(temporary, this.#file);
    this.#fileRecords = this.#queue.size;
    this.#written = this.#queue.size;
    this.#appendable = true;
  }

  #closeFile(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function read(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file);
    return bytes.subarray(Math.max(0, bytes.length - maxRecords * 2 * recordBytes));
  } catch {
    return new Uint8Array(0);
  }
}
