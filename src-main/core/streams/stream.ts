export interface StreamHandler {
  data(bytes: Uint8Array): void;
  ended(): void;
  writable(): void;
  closed(reset: { readonly code: number; readonly reason: string } | undefined): void;
}

/** One end of a byte stream, as far as the core is concerned: it joins two, or reads and writes one itself. */
export interface Stream {
  readonly isClosed: boolean;
  /** How much may be written before it piles up. */
  readonly writableBytes: number;
  /** Reads this end instead of splicing it. */
  attach(handler: StreamHandler): void;
  /** Calls `listener` once when the stream is gone. */
  whenClosed(listener: () => void): void;
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Lets the far side send as many bytes again. */
  consumed(bytes: number): void;
  /** Runs `step` when everything that was passed on before is on its way. */
  afterQueued(step: () => void): void;
  splice(other: Stream): void;
  reset(code: number, reason: string): void;
}

/** The console's end, while the node is asked to open its own. */
export interface NearEnd {
  /** How much the console lets the node send at first. */
  readonly window: number;
  /** Tells the console what is known only at the end: an exit code, a hash. */
  result(result: Readonly<Record<string, unknown>>): void;
}

/** The node's end, opened. */
export interface NodeStream {
  readonly stream: Stream;
  /** How much the node lets the console send at first. */
  readonly window: number;
  readonly result: Readonly<Record<string, unknown>>;
}
