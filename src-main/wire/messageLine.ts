import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import { PicketError } from "../base/errors.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";

export type LineMessage =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: Uint8Array };

/** While more than this waits to be asked for, the peer is not read. */
const pauseAbove = 1024 * 1024;
const resumeBelow = 256 * 1024;
/** What an empty message costs, so that a flood of them is bounded too. */
const messageCost = 64;
/** While more than this was handed over and not yet taken by the network, nothing more should be sent. */
const writableBelow = 1024 * 1024;

interface Waiting<T> {
  readonly timer: Disposable | undefined;
  resolve(value: T): void;
  reject(error: PicketError): void;
}

/**
 * A connection as a line of messages that are asked for one after another, with back-pressure both ways: for exchanges
 * in which it is always clear whose turn it is. Whoever owns the connection attaches it, or passes on what comes.
 */
export class MessageLine implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #queue: LineMessage[] = [];
  #queued = 0;
  #paused = false;
  #reader: Waiting<LineMessage> | undefined;
  #writer: Waiting<void> | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** False once closing has begun. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Bytes handed over and not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * The next message; what came before the connection was lost still comes.
   *
   * @param timeout milliseconds; without it, for ever
   * @throws {PicketError} `TIMEOUT`, after which the line can still be used; `PEER_LOST`
   */
  next(timeout?: number): Promise<LineMessage> {
    const first = this.take();
    if (first !== undefined) return Promise.resolve(first);
    if (this.#lost.signal.aborted) return Promise.reject(new PicketError("PEER_LOST"));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject, timer: this.#deadline(timeout, () => this.#settleReader()?.reject(late())) };
    });
  }

  /** A message that waits already. */
  take(): LineMessage | undefined {
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    this.#queued -= costOf(first);
    if (this.#paused && this.#queued < resumeBelow) {
      this.#paused = false;
      this.#connection.resumeReading();
    }
    return first;
  }

  /** Whether more may be sent at once: little is buffered. */
  get isWritable(): boolean {
    return this.isOpen && this.#connection.bufferedBytes <= writableBelow;
  }

  /**
   * Resolves when more may be sent: at once while little is buffered.
   *
   * @param timeout milliseconds for the peer to take something
   * @throws {PicketError} `TIMEOUT`, `PEER_LOST`
   */
  async writable(timeout?: number): Promise<void> {
    // A drain says that something was taken, not how much.
    while (this.isOpen && this.#connection.bufferedBytes > writableBelow) await this.#drain(timeout);
    if (!this.isOpen) throw new PicketError("PEER_LOST");
  }

  sendText(text: string): void {
    this.#connection.sendText(text);
  }

  /** The bytes belong to the connection from here on. */
  sendBinary(bytes: Uint8Array): void {
    this.#connection.sendBinary(bytes);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  terminate(): void {
    this.#connection.terminate();
  }

  text(text: string): void {
    this.#take({ kind: "text", text });
  }

  binary(bytes: Uint8Array): void {
    this.#take({ kind: "binary", bytes });
  }

  drained(): void {
    this.#settleWriter()?.resolve();
  }

  closed(): void {
    this.#lost.abort();
    this.#settleReader()?.reject(new PicketError("PEER_LOST"));
    this.#settleWriter()?.reject(new PicketError("PEER_LOST"));
  }

  #take(message: LineMessage): void {
    const reader = this.#settleReader();
    if (reader !== undefined) {
      reader.resolve(message);
      return;
    }
    this.#queue.push(message);
    this.#queued += costOf(message);
    if (this.#paused || this.#queued <= pauseAbove) return;
    this.#paused = true;
    this.#connection.pauseReading();
  }

  #drain(timeout: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer = { resolve, reject, timer: this.#deadline(timeout, () => this.#settleWriter()?.reject(late())) };
      this.#connection.notifyDrained();
    });
  }

  #deadline(timeout: number | undefined, task: () => void): Disposable | undefined {
    return timeout === undefined ? undefined : this.#clock.schedule(timeout, task);
  }

  #settleReader(): Waiting<LineMessage> | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.timer?.dispose();
    return reader;
  }

  #settleWriter(): Waiting<void> | undefined {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.timer?.dispose();
    return writer;
  }
}

function costOf(message: LineMessage): number {
  return messageCost + (message.kind === "text" ? message.text.length : message.bytes.length);
}

function late(): PicketError {
  return new PicketError("TIMEOUT");
}
