import {
  type Connection,
  type ConnectionHandler,
  closeCode,
  type KeepAliveTimes,
  type PeerInfo,
  strangerTimes,
} from "../../src-main/wire/connection.ts";

/** One end of a connection in memory. Messages arrive in later turns, in their order, as over a socket. */
export class MemoryConnection implements Connection {
  readonly peer: PeerInfo = { address: "memory", isLoopback: true, isLocal: false };
  keepAliveTimes: KeepAliveTimes = strangerTimes;
  isOpen = true;
  /** Set by a test to make the network slow. */
  bufferedBytes = 0;
  handler: ConnectionHandler | undefined;
  other: MemoryConnection | undefined;
  #drainWanted = false;

  sendText(text: string): void {
    this.#deliver((handler) => handler.text(text));
  }

  sendBinary(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#deliver((handler) => handler.binary(copy));
  }

  notifyDrained(): void {
    this.#drainWanted = true;
    if (this.bufferedBytes === 0) this.drain();
  }

  /** The network took everything. */
  drain(): void {
    this.bufferedBytes = 0;
    queueMicrotask(() => {
      if (!this.#drainWanted) return;
      this.#drainWanted = false;
      this.handler?.drained();
    });
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    const { other } = this;
    this.isOpen = false;
    if (other !== undefined) other.isOpen = false;
    queueMicrotask(() => {
      this.handler?.closed(code, reason);
      other?.handler?.closed(code, reason);
    });
  }

  terminate(): void {
    this.close(closeCode.abnormal, "");
  }

  pauseReading(): void {}

  resumeReading(): void {}

  #deliver(take: (handler: ConnectionHandler) => void): void {
    if (!this.isOpen) return;
    const { other } = this;
    queueMicrotask(() => {
      if (other?.handler !== undefined) take(other.handler);
    });
  }
}

/** Two ends that are connected to each other. */
export function memoryPair(): readonly [MemoryConnection, MemoryConnection] {
  const left = new MemoryConnection();
  const right = new MemoryConnection();
  left.other = right;
  right.other = left;
  return [left, right];
}
