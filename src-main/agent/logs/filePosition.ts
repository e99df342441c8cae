import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Up to where a file has been read, and which file that is. */
export interface FilePosition {
  readonly inode: bigint;
  /** Bytes. */
  readonly offset: number;
  /** What the file begins with, as far as it was read: the numbers of files are given out again. */
  readonly head: string;
}

const headBytes = 64;

/** The beginning of a file, as far as it was read. */
export async function readHead(handle: FileHandle, offset: number): Promise<Uint8Array> {
  const length = Math.min(offset, headBytes);
  if (length === 0) return new Uint8Array(0);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** Whether a file of which this is the beginning is full enough for it to be told from all others. */
export function isWholeHead(head: Uint8Array): boolean {
  return head.length === headBytes;
}

/** @param offset up to where it was read; `head` may be longer */
export function fingerprint(head: Uint8Array, offset: number): string {
  if (offset === 0) return "";
  return createHash("sha1").update(head.subarray(0, offset)).digest("base64url").slice(0, 12);
}

export function formatPosition({ inode, offset, head }: FilePosition): string {
  return `${inode} ${offset} ${head}`;
}

/** Undefined for one that nobody can have written. */
export function readPosition(text: string | undefined): FilePosition | undefined {
  const [, inode, offset, head = ""] = /^(\d+) (\d+) ([\w-]*)$/.exec(text ?? "") ?? [];
  return inode === undefined ? undefined : { inode: BigInt(inode), offset: Number(offset), head };
}
