import type { Socket } from "node:net";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import {
  type Connection,
  type ConnectionHandler,
  closeCode,
  type KeepAliveTimes,
  type PeerInfo,
  wireLimits,
} from "../connection.ts";
import type { KeepAlive, Watched } from "./keepAlive.ts";

/** A peer that sends faster is read more slowly: its messages wait in its own buffers, nobody else's. Per second. */
const messageRate = { rate: 5_000, burst: 10_000 };
/** A binary message of this size costs what its bytes cost: those of a file may come as fast as the network brings them. */
const bulkBytes = 4 * 1024;

export interface SocketConnectionOptions {
  readonly webSocket: WebSocket;
  /** The TCP, TLS or local socket under it. */
  readonly socket: Socket;
  readonly peer: PeerInfo;
  readonly clock: Clock;
  readonly keepAlive: KeepAlive;
  readonly keepAliveTimes: KeepAliveTimes;
}

/**
 * A WebSocket of the `ws` package as a `Connection`: bounded send queue, keep-alive, a rate limit that slows the peer
 * instead of losing messages, and one write to the network for all that is sent in the same turn of the event loop.
 */
export class SocketConnection implements Connection, Watched {
  readonly peer: PeerInfo;
  keepAliveTimes: KeepAliveTimes;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #bucket: TokenBucket;
  #handler: ConnectionHandler | undefined;
  #drainWanted = false;
  #resume: Disposable | undefined;
  /** The rate limit and the protocol may both want to read no more for a while. */
  #pauses = 0;
  /** Set when this side gave the connection up: the code that `closed` reports instead of the bare 1006. */
  #ownCode: number | undefined;

  constructor(options: SocketConnectionOptions) {
    this.peer = options.peer;
    this.keepAliveTimes = options.keepAliveTimes;
    this.#webSocket = options.webSocket;
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#keepAlive = options.keepAlive;
    this.#bucket = new TokenBucket(options.clock, messageRate);
  }

  /** Starts delivering to `handler`. Call it in the turn in which the connection was made, or messages are lost. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#webSocket.on("message", this.#onMessage);
    this.#webSocket.on("close", this.#onClose);
    // Without a listener an 'error' ends the process. The close event that follows says all that is needed.
    this.#webSocket.on("error", ignore);
    this.#keepAlive.add(this);
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get isReadingPaused(): boolean {
    return this.#webSocket.isPaused;
  }

  sendText(text: string): void {
    if (!this.isOpen || this.#isTooSlow()) return;
    this.#cork();
    this.#webSocket.send(text, textOptions);
  }

  sendBinary(bytes: Uint8Array): void {
    if (!this.isOpen || this.#isTooSlow()) return;
    this.#cork();
    this.#webSocket.send(bytes, binaryOptions);
  }

  notifyDrained(): void {
    if (this.#drainWanted) return;
    this.#drainWanted = true;
    if (this.#socket.writableNeedDrain) this.#socket.once("drain", this.#onDrain);
    else setImmediate(this.#onDrain);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, truncateReason(reason));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  pauseReading(): void {
    this.#pauses += 1;
    this.#webSocket.pause();
  }

  resumeReading(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#webSocket.resume();
  }

  ping(): void {
    if (this.isOpen) this.#webSocket.ping();
  }

  dead(): void {
    this.#ownCode = closeCode.abnormal;
    this.#webSocket.terminate();
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    // `binaryType` is 'nodebuffer', so this is always one Buffer.
    const bytes = data as Buffer;
    const isBulk = isBinary && bytes.length >= bulkBytes;
    // One read of the network may bring thousands of small messages: what is above the rate is made up for by waiting.
    if (!isBulk && !this.#bucket.spend()) this.#slowDown();
    if (isBinary) this.#handler?.binary(bytes);
    else this.#handler?.text(bytes.toString("utf8"));
  };

  readonly #onClose = (code: number, reason: Buffer): void => {
    this.#keepAlive.remove(this);
    this.#resume?.dispose();
    this.#socket.off("drain", this.#onDrain);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(this.#ownCode ?? code, reason.toString("utf8"));
  };

  readonly #onDrain = (): void => {
    this.#drainWanted = false;
    this.#handler?.drained();
  };

  #slowDown(): void {
    if (this.#resume !== undefined) return;
    this.pauseReading();
    this.#resume = this.#clock.schedule(Math.max(this.#bucket.waitTime, 20), () => {
      this.#resume = undefined;
      this.resumeReading();
    });
  }

  /** What waits already is what counts: one message may be as long as it has to be. */
  #isTooSlow(): boolean {
    if (this.#webSocket.bufferedAmount <= wireLimits.maxBufferedBytes) return false;
    this.#ownCode = closeCode.tooSlow;
    // A close frame would wait behind everything that the peer does not read.
    this.#webSocket.terminate();
    return true;
  }

  /** Eight acks in one turn are one write to the network, not eight. */
  #cork(): void {
    if (this.#socket.writableCorked > 0) return;
    this.#socket.cork();
    process.nextTick(uncork, this.#socket);
  }
}

function uncork(socket: Socket): void {
  socket.uncork();
}

const textOptions = { binary: false, compress: false };
const binaryOptions = { binary: true, compress: false };

function ignore(): void {}

/** A close frame has room for 123 bytes of reason. */
function truncateReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  return bytes.length <= 123 ? reason : new TextDecoder().decode(bytes.subarray(0, 120)).replace(/\uFFFD$/, "");
}
