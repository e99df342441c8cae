/** One version of a document. */
export interface Revision {
  readonly id: string;
  readonly documentId: string;
  readonly fileId: string;
  /** Bytes; 0 until the upload is complete. */
  readonly size: number;
  /** Undefined until the upload is complete. */
  readonly sha256: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly createdBy: string;
  /** When its upload was complete; undefined before. */
  readonly activatedAt: number | undefined;
}
