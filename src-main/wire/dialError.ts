export interface DialErrorOptions {
  /** The HTTP status, when the server answered the handshake with one. */
  readonly status?: number | undefined;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A connection that did not come about. */
export class DialError extends Error {
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(message: string, options: DialErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "DialError";
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}
