/** A revision's bytes while somebody reads them. They stay whole, whatever happens to the document. */
export interface OpenDownload {
  readonly documentId: string;
  readonly revisionId: string;
  /** Bytes. */
  readonly size: number;
  /** Hex, of the whole file. */
  readonly sha256: string;
  readonly title: string;
  /**
   * @param into memory to read into, of at least `length` bytes: fresh memory for every block of a large file keeps the
   * garbage collector busier than the network. @default fresh memory
   * @returns `length` bytes from `offset`, fewer only at the file's end; the memory is the caller's
   * @throws {PicketError} `INTERNAL_ERROR` when the file is damaged
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** The task is done: it cannot be used again. */
  finish(): Promise<void>;
  /** Lets go of the file. Twice is the same as once. */
  close(): Promise<void>;
}
