/** How far a transfer is. Bytes of the file. */
export interface TransferProgress {
  /** Bytes that the receiving side has, those of an earlier attempt included. */
  readonly done: number;
  readonly total: number;
}

interface TransferOptions {
  /**
   * The task's id. A function is asked for a fresh one when the transfer starts, and when the task is over in the middle
   * of it.
   */
  readonly task: string | (() => Promise<string>);
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Ends the transfer with `CANCELLED`; what the server holds of an upload stays there until its task ends. */
  readonly signal?: AbortSignal | undefined;
  /** How often a lost connection is made anew without a byte having come through. @default 5 */
  readonly attempts?: number | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Bytes. */
  readonly size: number;
  /** Hex; announced to the server, which then checks it. Without it the client compares what the server says it got. */
  readonly sha256?: string | undefined;
  /** `length` bytes of the file from `offset`. Fewer end the upload with `SIZE_MISMATCH`: the file changed. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

export interface UploadResult {
  readonly size: number;
  /** Of what was sent: the one that was announced, else what the client counted and, where it tells, the server got. */
  readonly sha256: string;
  /** Bytes of the file that went over the wire, repeated ones included. */
  readonly sentBytes: number;
}

/** Where a download goes. Writes come in order of their offsets, but begin again where a transfer starts anew. */
export interface DownloadTarget {
  write(offset: number, bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Reads back what was written. Servers that encrypt send the key last: with `read` their bytes wait in the target,
   * without it in memory.
   */
  read?(offset: number, length: number): Promise<Uint8Array>;
}

export interface DownloadOptions extends TransferOptions {
  readonly target: DownloadTarget;
  /** Bytes that the target has of an earlier attempt; needs its `read`. @default 0 */
  readonly offset?: number | undefined;
  /** Told once, before the first byte: how large it is. */
  readonly onSize?: ((size: number) => void) | undefined;
}

export interface DownloadResult {
  readonly size: number;
  /** Checked against what the server said, where it said one. */
  readonly sha256: string;
  /** Bytes of the file that came over the wire, repeated ones included. */
  readonly receivedBytes: number;
}
