/** A running SHA-256. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. The hasher is used up. */
  digest(): string;
}
