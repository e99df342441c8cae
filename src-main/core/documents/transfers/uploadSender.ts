import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Revision } from "../tree/revision.ts";
import type { OpenUpload } from "./openUpload.ts";
import type { UploadEntry } from "./uploadEntry.ts";

export interface UploadSenderOptions {
  readonly entry: UploadEntry;
  readonly clock: Clock;
  /** Runs what changes this task's upload, one after another. */
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>;
  /** Before a file is opened again. @throws {PicketError} `RATE_LIMITED` */
  readonly makePlace: () => Promise<void>;
  readonly finish: () => Promise<Revision>;
  readonly suspend: () => Promise<void>;
  readonly abort: () => Promise<void>;
}

/** One sender's hold on an upload, until another takes it over. */
export class UploadSender implements OpenUpload {
  readonly documentId: string;
  readonly size: number;
  readonly #options: UploadSenderOptions;

  constructor(options: UploadSenderOptions) {
    this.#options = options;
    this.documentId = options.entry.task.documentId;
    this.size = options.entry.size;
    options.entry.sender = this;
  }

  get held(): number {
    return this.#options.entry.staged.held;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { entry, clock } = this.#options;
    this.#mustSend();
    const got = entry.staged.held + bytes.length;
    if (got > this.size) throw new PicketError("SIZE_MISMATCH", { details: `expected ${this.size}, got ${got}` });
    entry.usedAt = clock.monotonicTime();
    const written = this.#write(bytes);
    entry.busy = written.catch(() => {});
    await written;
  }

  finish(): Promise<Revision> {
    return this.#alone(this.#options.finish);
  }

  async suspend(): Promise<void> {
    if (this.#isSender()) await this.#alone(this.#options.suspend);
  }

  abort(): Promise<void> {
    return this.#alone(this.#options.abort);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { entry, makePlace } = this.#options;
    await entry.resting;
    if (!entry.staged.isOpen) await makePlace();
    await entry.staged.append(bytes, () => this.#isSender());
  }

  #alone<T>(run: () => Promise<T>): Promise<T> {
    const { entry, inTurn } = this.#options;
    return inTurn(async () => {
      await entry.busy;
      this.#mustSend();
      return run();
    });
  }

  #isSender(): boolean {
    return this.#options.entry.sender === this;
  }

  #mustSend(): void {
    if (!this.#isSender()) {
      throw new PicketError("CANCELLED", { message: "Somebody else goes on with this upload, or it has ended." });
    }
  }
}
