/** Why a socket closed, as RFC 6455 numbers it, and the ones of our own (4000–4999). */
export const closeCode = {
  normal: 1000,
  /** The endpoint goes away: shutdown, page left. */
  goingAway: 1001,
  protocolError: 1002,
  /** Never on the wire: the socket was lost without a close frame. */
  abnormal: 1006,
  /** Bad credentials, or too many malformed messages. */
  policyViolation: 1008,
  messageTooBig: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
  /** A newer connection of the same node took over. */
  replaced: 4409,
  /** The peer does not read what it is sent. */
  tooSlow: 4408,
} as const;

export interface PeerInfo {
  /** The address the connection came from; for logs and for the loopback rule. */
  readonly address: string;
  readonly isLoopback: boolean;
  /** True when it came over the socket in the data folder that only the folder's owner can open. */
  readonly isLocal: boolean;
}

/**
 * A message connection as a protocol sees it. Nothing above `wire` knows what carries it: a WebSocket of Node, one of a
 * browser, or a pair in memory.
 */
export interface Connection {
  readonly peer: PeerInfo;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** False once closing has begun. */
  readonly isOpen: boolean;
  /** How long silence is normal; a protocol changes it when it knows who is there. */
  keepAliveTimes: KeepAliveTimes;
  /** Sends one text message; dropped silently when the connection is closing. */
  sendText(text: string): void;
  /** Sends one binary message. The bytes belong to the connection from here on. */
  sendBinary(bytes: Uint8Array): void;
  /** Calls the handler's `drained` once when little is buffered any more. */
  notifyDrained(): void;
  /** Starts the closing handshake; the handler's `closed` follows. */
  close(code: number, reason: string): void;
  /** Drops the connection without a handshake. */
  terminate(): void;
  /** Stops and restarts reading: what a peer sends meanwhile waits in its own buffers. */
  pauseReading(): void;
  resumeReading(): void;
}

/** What a protocol does with a connection. One object per connection: an idle one costs no closures. */
export interface ConnectionHandler {
  text(message: string): void;
  /** One binary message. The bytes may be changed and sent on; they are not used by anybody else. */
  binary(bytes: Uint8Array): void;
  /** Called once, whoever closed. */
  closed(code: number, reason: string): void;
  /** Answers `notifyDrained`. */
  drained(): void;
}

/** How long silence is normal: see `KeepAlive`. Milliseconds. */
export interface KeepAliveTimes {
  readonly pingEvery: number;
  readonly deadAfter: number;
}

/** Picket's own agents and consoles: an unplugged node shows offline within 15 s. */
export const ownPeerTimes: KeepAliveTimes = { pingEvery: 5_000, deadAfter: 12_000 };
/** Anybody else's. */
export const strangerTimes: KeepAliveTimes = { pingEvery: 15_000, deadAfter: 35_000 };

export const wireLimits = {
  /** A text message over this closes the connection with 1009. */
  maxTextBytes: 1024 * 1024,
  /** The body of a binary frame. */
  maxFrameBody: 64 * 1024,
  /** A peer that lets more than this pile up unread is closed with 4408. */
  maxBufferedBytes: 8 * 1024 * 1024,
  /** Bulk bytes wait in their channel while more than this is buffered, so that messages overtake them. */
  bulkBufferedBytes: 256 * 1024,
} as const;
