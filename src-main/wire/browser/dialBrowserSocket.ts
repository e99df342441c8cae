import { type Connection, type ConnectionHandler, closeCode, ownPeerTimes } from "../connection.ts";
import { DialError } from "../dialError.ts";

/** What of the browser's WebSocket is used: `src-main` is compiled without the DOM's types. */
export interface BrowserWebSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

const open = 1;

/**
 * Connects with the browser's own WebSocket. The browser answers the server's pings itself and tells nobody, so half-open
 * links are found by the protocol above: see `ReconnectingClient`.
 */
export function dialBrowserSocket(
  webSocket: BrowserWebSocket,
  attach: (connection: Connection) => ConnectionHandler,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    webSocket.binaryType = "arraybuffer";
    webSocket.onclose = ({ code, reason }) => reject(new DialError(reason === "" ? `closed with ${code}` : reason));
    webSocket.onopen = () => {
      const connection = new BrowserConnection(webSocket);
      const handler = attach(connection);
      connection.handler = handler;
      webSocket.onmessage = ({ data }) => {
        if (typeof data === "string") handler.text(data);
        else handler.binary(new Uint8Array(data as ArrayBuffer));
      };
      webSocket.onclose = ({ code, reason }) => connection.closed(code, reason);
      resolve(connection);
    };
  });
}

class BrowserConnection implements Connection {
  readonly peer = { address: "", isLoopback: false, isLocal: false };
  keepAliveTimes = ownPeerTimes;
  handler: ConnectionHandler | undefined;
  readonly #webSocket: BrowserWebSocket;
  #drainTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(webSocket: BrowserWebSocket) {
    this.#webSocket = webSocket;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === open;
  }

  sendText(text: string): void {
    if (this.isOpen) this.#webSocket.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    if (this.isOpen) this.#webSocket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  /** A browser has no drain event: ask until little is left. Runs only while something waits to be sent. */
  notifyDrained(): void {
    if (this.#drainTimer !== undefined) return;
    this.#drainTimer = setTimeout(() => {
      this.#drainTimer = undefined;
      if (this.bufferedBytes < 64 * 1024) this.handler?.drained();
      else this.notifyDrained();
    }, 10);
  }

  close(code: number, reason: string): void {
    // A page may only use 1000 and its own range.
    this.#webSocket.close(code === closeCode.normal || code >= 3000 ? code : closeCode.normal, reason);
  }

  /** A browser cannot drop a socket: it closes it and stops listening to it. */
  terminate(): void {
    this.close(closeCode.normal, "");
    this.closed(closeCode.abnormal, "");
  }

  pauseReading(): void {}

  resumeReading(): void {}

  closed(code: number, reason: string): void {
    clearTimeout(this.#drainTimer);
    this.#webSocket.onmessage = null;
    this.#webSocket.onclose = null;
    const { handler } = this;
    this.handler = undefined;
    handler?.closed(code, reason);
  }
}
