import { PicketError } from "../../../base/errors.ts";
import type { LineMessage, MessageLine } from "../../../wire/messageLine.ts";
import type { DownloadHead, FileChunk } from "../messages/transferFrames.ts";
import { withTransferLine } from "./dialTransfer.ts";
import { DocumentsRefusal } from "./documentsRefusal.ts";
import { EncryptedDownload } from "./encryptedDownload.ts";
import { frameOf, requireSuccess, sendRequest, unexpected } from "./expectFrame.ts";
import { RunningHash } from "./runningHash.ts";
import type { DownloadOptions, DownloadResult } from "./transferOptions.ts";
import { answerTimeout, defaultAttempts, stallTimeout, type TransferServices } from "./transferServices.ts";
import { TransferTask } from "./transferTask.ts";
import { untilDone } from "./untilDone.ts";

/** Fetches one file, over as many connections as it takes. */
export class Download {
  readonly #services: TransferServices;
  readonly #options: DownloadOptions;
  readonly #task: TransferTask;
  readonly #hash: RunningHash;
  /** Bytes that are in the target. */
  #position: number;
  #receivedBytes = 0;
  #head: DownloadHead | undefined;

  constructor(services: TransferServices, options: DownloadOptions) {
    this.#services = services;
    this.#options = options;
    this.#task = new TransferTask(options.task);
    this.#hash = new RunningHash(services.newHash);
    this.#position = options.target.read === undefined ? 0 : (options.offset ?? 0);
  }

  /** @throws {DocumentsRefusal} @throws {PicketError} as `DocumentsClient.download` */
  async run(): Promise<DownloadResult> {
    const { clock, random, dial } = this.#services;
    const { signal, attempts = defaultAttempts, target } = this.#options;
    if (target.read !== undefined) await this.#hash.fillUpTo(this.#position, target.read.bind(target));
    this.#position = this.#hash.position;
    await untilDone(
      () =>
        this.#task.run((taskId) => withTransferLine({ dial, clock, signal }, (line) => this.#attempt(line, taskId))),
      { clock, random, signal, attempts, position: () => this.#position },
    );
    return this.#checked();
  }

  async #attempt(line: MessageLine, taskId: string): Promise<void> {
    const head = await this.#negotiate(line, taskId);
    const isRaw = this.#services.traits.rawDownloads === true;
    const isOther =
      this.#head !== undefined && (this.#head.sha256 !== head.sha256 || this.#head.file_size !== head.file_size);
    if (this.#position > head.file_size || (isRaw && isOther)) {
      // Not the file whose first bytes are here: from the beginning, over the next connection.
      this.#restart(head);
      throw new PicketError("PEER_LOST", { details: "the file changed" });
    }
    if (this.#head === undefined) this.#options.onSize?.(head.file_size);
    this.#head = head;
    if (isRaw) {
      await this.#receive(line, head);
      return;
    }
    // Anybody else's server begins at the beginning, when it is told to.
    if (this.#position > 0) this.#restart(head);
    line.sendText("ready");
    if (head.file_size > 0) await this.#receive(line, head);
  }

  async #negotiate(line: MessageLine, taskId: string): Promise<DownloadHead> {
    const { traits, identity } = this.#services;
    for (let tries = traits.rawDownloads !== false; ; tries = false) {
      const own = tries ? { encoding: "binary", offset: this.#position } : {};
      sendRequest(line, { action: "download_file", data: { task_id: taskId, ...own }, ...identity() });
      const frame = frameOf(await line.next(answerTimeout));
      if (frame.kind === "download") {
        traits.rawDownloads ??= tries;
        return frame.head;
      }
      if (frame.kind !== "answer") throw unexpected("no head of a download");
      const { code, message, data } = frame.answer;
      // A server that knows no offsets says which member of the request it does not know.
      const isUnknown = code === 400 && data["validator"] !== undefined;
      if (!tries || traits.rawDownloads !== undefined || !isUnknown) throw new DocumentsRefusal(code, message, data);
    }
  }

  /** Takes pieces in whichever form they come, until the server says that they were all. */
  async #receive(line: MessageLine, head: DownloadHead): Promise<void> {
    let encrypted: EncryptedDownload | undefined;
    let writing: Promise<void> | undefined;
    try {
      for (;;) {
        const message = await this.#next(line, head);
        if (message === undefined) return;
        // What was written before must be there before more is.
        await writing;
        writing = undefined;
        if (message.kind === "binary") {
          writing = this.#take(message.bytes, head);
          continue;
        }
        const frame = frameOf(message);
        if (frame.kind === "chunk") {
          encrypted ??= new EncryptedDownload(this.#options.target, this.#services.newHash);
          await this.#takeEncrypted(encrypted, frame.chunk, head);
        } else if (frame.kind === "key" && encrypted !== undefined) {
          await encrypted.decrypt(frame.key, (offset, bytes) => this.#hash.update(offset, bytes));
          this.#position = encrypted.length;
          return;
        } else if (frame.kind === "answer") {
          requireSuccess(frame.answer);
          return;
        } else throw unexpected("something in the middle of a download");
      }
    } finally {
      await writing;
    }
  }

  /** Undefined: the connection was lost, but everything is here. */
  async #next(line: MessageLine, head: DownloadHead): Promise<LineMessage | undefined> {
    try {
      return await line.next(stallTimeout);
    } catch (thrown) {
      if (this.#position === head.file_size && this.#options.signal?.aborted !== true) return undefined;
      throw thrown;
    }
  }

  async #takeEncrypted(encrypted: EncryptedDownload, chunk: FileChunk, head: DownloadHead): Promise<void> {
    this.#receivedBytes += await encrypted.add(chunk, head.file_size);
    this.#options.onProgress?.({ done: encrypted.length, total: head.file_size });
  }

  #take(bytes: Uint8Array, head: DownloadHead): Promise<void> | undefined {
    const offset = this.#position;
    if (offset + bytes.length > head.file_size) throw tooMuch(head.file_size);
    this.#receivedBytes += bytes.length;
    const writing = this.#options.target.write(offset, bytes);
    // While the disk has them.
    this.#hash.update(offset, bytes);
    this.#position = offset + bytes.length;
    this.#options.onProgress?.({ done: this.#position, total: head.file_size });
    return writing ?? undefined;
  }

  #restart(head: DownloadHead): void {
    this.#hash.restart();
    this.#position = 0;
    this.#head = head;
  }

  #checked(): DownloadResult {
    const size = this.#head?.file_size ?? 0;
    if (this.#position !== size) {
      throw new PicketError("SIZE_MISMATCH", { details: `expected ${size}, got ${this.#position}` });
    }
    const sha256 = this.#hash.digest();
    const expected = this.#head?.sha256?.toLowerCase();
    if (expected !== undefined && expected !== sha256) {
      throw new PicketError("HASH_MISMATCH", { details: `expected ${expected}, got ${sha256}` });
    }
    return { size, sha256, receivedBytes: this.#receivedBytes };
  }
}

function tooMuch(size: number): PicketError {
  return new PicketError("SIZE_MISMATCH", { details: `more than ${size} bytes came` });
}
