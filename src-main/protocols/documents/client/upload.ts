import { PicketError } from "../../../base/errors.ts";
import type { MessageLine } from "../../../wire/messageLine.ts";
import { maxFrameBytes, plainFrameBytes } from "../messages/transferFrames.ts";
import { throwIfCancelled, withTransferLine } from "./dialTransfer.ts";
import { DocumentsRefusal } from "./documentsRefusal.ts";
import { frameOf, requireSuccess, sendRequest, unexpected } from "./expectFrame.ts";
import { RunningHash } from "./runningHash.ts";
import type { UploadOptions, UploadResult } from "./transferOptions.ts";
import {
  answerTimeout,
  defaultAttempts,
  stallTimeout,
  storeTimeout,
  type TransferServices,
} from "./transferServices.ts";
import { TransferTask } from "./transferTask.ts";
import { untilDone } from "./untilDone.ts";

/** What is read at once: a block is cut into frames. */
const blockBytes = 512 * 1024;
/** A plain server says nothing after `stop`; for one that does, this long. */
const stopGrace = 2_000;

interface GoAhead {
  readonly frameBytes: number;
  /** Bytes that the server has already. */
  readonly held: number;
}

/** Sends one file, over as many connections as it takes. */
export class Upload {
  readonly #services: TransferServices;
  readonly #options: UploadOptions;
  readonly #task: TransferTask;
  readonly #hash: RunningHash;
  #sentBytes = 0;
  /** What of the file the network has taken over this connection, or the server had before. */
  #position = 0;
  #reached = 0;
  /** Bytes that the server said it has; undefined while it says nothing of the kind. */
  #held: number | undefined;
  /** Everything was sent once, and no answer came. */
  #isAwaitingAnswer = false;

  constructor(services: TransferServices, options: UploadOptions) {
    this.#services = services;
    this.#options = options;
    this.#task = new TransferTask(options.task);
    this.#hash = new RunningHash(services.newHash);
  }

  /** @throws {DocumentsRefusal} @throws {PicketError} as `DocumentsClient.upload` */
  run(): Promise<UploadResult> {
    const { clock, random, dial } = this.#services;
    const { signal, attempts = defaultAttempts } = this.#options;
    const overLine = (taskId: string): Promise<UploadResult> =>
      withTransferLine({ dial, clock, signal }, (line) => this.#attempt(line, taskId));
    return untilDone(() => this.#task.run((taskId) => this.#orStored(overLine(taskId))), {
      clock,
      random,
      signal,
      attempts,
      position: () => this.#held ?? this.#reached,
    });
  }

  async #attempt(line: MessageLine, taskId: string): Promise<UploadResult> {
    const goAhead = await this.#negotiate(line, taskId);
    if (goAhead !== undefined) await this.#send(line, goAhead);
    this.#isAwaitingAnswer = true;
    const told = await this.#closingAnswer(line, goAhead === undefined);
    this.#taken(this.#options.size);
    return await this.#result(told);
  }

  /** The answer of an earlier attempt was lost, and now the server says that the task was used: it has the file. */
  async #orStored(attempt: Promise<UploadResult>): Promise<UploadResult> {
    try {
      return await attempt;
    } catch (thrown) {
      const isUsed = thrown instanceof DocumentsRefusal && thrown.message.startsWith("Task is not in a valid state");
      if (!this.#isAwaitingAnswer || !isUsed) throw thrown;
      return await this.#result(undefined);
    }
  }

  /** @throws {PicketError} `HASH_MISMATCH` when the server got something else */
  async #result(told: string | undefined): Promise<UploadResult> {
    const { size, sha256: announced, read } = this.#options;
    if (announced === undefined) await this.#hash.fillUpTo(size, read);
    const sha256 = announced?.toLowerCase() ?? this.#hash.digest();
    if (told !== undefined && told !== sha256) throw new PicketError("HASH_MISMATCH");
    return { size, sha256, sentBytes: this.#sentBytes };
  }

  /** Undefined: the server wants no bytes, for there are none. */
  async #negotiate(line: MessageLine, taskId: string): Promise<GoAhead | undefined> {
    const { traits, identity } = this.#services;
    const { size, sha256 } = this.#options;
    for (let tries = traits.resumedUploads !== false; ; tries = false) {
      sendRequest(line, { action: "upload_file", data: { task_id: taskId }, ...identity() });
      const invitation = frameOf(await line.next(answerTimeout));
      if (invitation.kind === "answer") throw refusalOf(invitation.answer);
      const data = {
        file_size: size,
        ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
        ...(tries ? { max_chunk_size: maxFrameBytes, offset: this.#position } : {}),
      };
      line.sendText(JSON.stringify({ action: "transfer_file", data }));
      const reply = await line.next(answerTimeout);
      if (reply.kind === "text" && reply.text === "stop") return undefined;
      const goAhead = reply.kind === "text" ? parseGoAhead(reply.text, size) : undefined;
      if (goAhead !== undefined) {
        traits.resumedUploads ??= tries;
        return goAhead;
      }
      const frame = frameOf(reply);
      if (frame.kind !== "answer") throw unexpected("no go-ahead");
      // A server that knows no offsets refuses the whole head: the plain exchange, over the same connection.
      const mayBeStranger = tries && traits.resumedUploads === undefined && frame.answer.code === 400;
      if (!mayBeStranger) throw refusalOf(frame.answer);
    }
  }

  async #send(line: MessageLine, { frameBytes, held }: GoAhead): Promise<void> {
    const { size, sha256 } = this.#options;
    this.#position = held;
    if (this.#services.traits.resumedUploads === true) this.#held = held;
    const blockSize = Math.max(frameBytes, blockBytes - (blockBytes % frameBytes));
    // Where the server checks the hash, the bytes that the server has from an earlier attempt need not be read again.
    if (sha256 === undefined && held > this.#hash.position) await this.#hash.fillUpTo(held, this.#options.read);
    let ahead = this.#readAhead(held, blockSize);
    for (let position = held; position < size; ) {
      const block = await ahead;
      ahead = this.#readAhead(position + block.length, blockSize);
      if (sha256 === undefined) this.#hash.update(position, block);
      await this.#sendBlock(line, block, frameBytes);
      position += block.length;
      this.#taken(position - line.bufferedBytes);
    }
    // Only a short frame says that it is the last one.
    if ((size - held) % frameBytes === 0) line.sendBinary(new Uint8Array(0));
  }

  async #sendBlock(line: MessageLine, block: Uint8Array, frameBytes: number): Promise<void> {
    for (let at = 0; at < block.length; at += frameBytes) {
      // Frames are many: most of them go without a turn of the event loop, and so in one write.
      if (!line.isWritable) await this.#writable(line);
      line.sendBinary(block.subarray(at, at + frameBytes));
    }
    this.#throwIfAnswered(line);
  }

  async #writable(line: MessageLine): Promise<void> {
    try {
      await line.writable(stallTimeout);
    } finally {
      // Also when it was lost: then the server's last words say why.
      this.#throwIfAnswered(line);
    }
  }

  #readAhead(position: number, blockSize: number): Promise<Uint8Array> {
    const bytes = this.#read(position, blockSize);
    // Nobody waits for it when the connection is lost first.
    bytes.catch(() => {});
    return bytes;
  }

  async #read(position: number, blockSize: number): Promise<Uint8Array> {
    const length = Math.min(blockSize, this.#options.size - position);
    if (length <= 0) return new Uint8Array(0);
    const bytes = await this.#options.read(position, length);
    if (bytes.length !== length) throw new PicketError("SIZE_MISMATCH", { details: "the file became shorter" });
    return bytes;
  }

  /** The SHA-256 that the server got, where it says so. @throws {DocumentsRefusal} */
  async #closingAnswer(line: MessageLine, afterStop: boolean): Promise<string | undefined> {
    try {
      const frame = frameOf(await line.next(afterStop ? stopGrace : storeTimeout));
      if (frame.kind !== "answer") throw unexpected("no answer");
      requireSuccess(frame.answer);
      const { sha256 } = frame.answer.data;
      return typeof sha256 === "string" ? sha256.toLowerCase() : undefined;
    } catch (thrown) {
      // `stop` said that the empty file is stored.
      const isSilence = thrown instanceof PicketError && (thrown.code === "TIMEOUT" || thrown.code === "PEER_LOST");
      if (!afterStop || !isSilence) throw thrown;
      throwIfCancelled(this.#options.signal);
      return undefined;
    }
  }

  /** A server that answers in the middle wants no more. */
  #throwIfAnswered(line: MessageLine): void {
    const early = line.take();
    if (early === undefined) return;
    const frame = frameOf(early);
    throw frame.kind === "answer" ? refusalOf(frame.answer) : unexpected("something in the middle of an upload");
  }

  /** The network has taken the file's bytes up to here. */
  #taken(position: number): void {
    const done = Math.max(this.#position, position);
    this.#sentBytes += done - this.#position;
    this.#position = done;
    this.#reached = Math.max(this.#reached, done);
    this.#options.onProgress?.({ done, total: this.#options.size });
  }
}

function parseGoAhead(text: string, size: number): GoAhead | undefined {
  const words = /^ready(?: (\d{1,16})(?: (\d{1,16}))?)?$/.exec(text);
  if (words === null) return undefined;
  const frameBytes = words[1] === undefined ? plainFrameBytes : Number(words[1]);
  const held = Number(words[2] ?? 0);
  if (frameBytes < 1 || frameBytes > maxFrameBytes || held > size) throw unexpected("a go-ahead that cannot be");
  return { frameBytes, held };
}

function refusalOf(answer: { code: number; message: string; data: Readonly<Record<string, unknown>> }): Error {
  return new DocumentsRefusal(answer.code, answer.message, answer.data);
}
