/** Who a client is to its server, and until when. */
export interface DocumentCredentials {
  readonly username: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}
