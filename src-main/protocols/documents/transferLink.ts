/** What a peer sent while its connection belonged to a transfer. */
export type Incoming =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: Uint8Array };

/**
 * A connection while it belongs to a transfer. Messages wait here until they are asked for, and the peer is not read
 * while too many wait. `MessageLine` of `wire` is one.
 */
export interface TransferLink {
  /** False once closing has begun. */
  readonly isOpen: boolean;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  sendText(text: string): void;
  /** The bytes belong to the connection from here on. */
  sendBinary(bytes: Uint8Array): void;
  /**
   * Resolves when more may be sent: at once while little is buffered.
   *
   * @param timeout milliseconds for the peer to take something
   * @throws {PicketError} `PEER_LOST` when the connection is gone, `TIMEOUT`
   */
  writable(timeout?: number): Promise<void>;
  /**
   * The next message of the peer; what came before the connection was lost still comes.
   *
   * @param timeout milliseconds; without it, for ever
   * @throws {PicketError} `PEER_LOST` when the connection is gone; `TIMEOUT`, after which the link can still be used
   */
  next(timeout?: number): Promise<Incoming>;
  /** Drops the connection: for a peer that neither sends nor takes anything any more. */
  terminate(): void;
}
