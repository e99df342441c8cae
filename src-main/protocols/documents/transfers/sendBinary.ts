import { PicketError } from "../../../base/errors.ts";
import type { OpenDownload } from "../../../core/documents/transfers/openDownload.ts";
import type { TransferLink } from "../transferLink.ts";
import { SendBlocks } from "./sendBlocks.ts";
import { stallTimeout } from "./transferServices.ts";

/** Large enough that a frame costs little beside its bytes, small enough for every peer's limit. */
const chunkBytes = 256 * 1024;

/**
 * The plain form: a head, then raw frames from `offset` on, without waiting for anything but the network.
 *
 * @throws {PicketError} `PEER_LOST`; `TIMEOUT` when the peer takes nothing; `INTERNAL_ERROR` for a damaged file
 */
export async function sendBinary(link: TransferLink, file: OpenDownload, offset: number): Promise<void> {
  const { size, sha256 } = file;
  const total = Math.ceil((size - offset) / chunkBytes);
  const data = { sha256, file_size: size, chunk_size: chunkBytes, total_chunks: total };
  link.sendText(JSON.stringify({ action: "transfer_file", data }));
  const blocks = new SendBlocks(chunkBytes);
  let ahead = readBlock(file, offset, blocks.next(link.bufferedBytes));
  for (let position = offset; position < size; ) {
    const { block, bytes } = await ahead;
    if (bytes.length === 0) throw new PicketError("INTERNAL_ERROR", { details: "a file is shorter than it was" });
    position += bytes.length;
    // The disk is read while the network takes what was read before.
    if (position < size) ahead = readBlock(file, position, blocks.next(link.bufferedBytes));
    await link.writable(stallTimeout);
    link.sendBinary(bytes);
    blocks.sent(block, bytes.length);
  }
}

interface ReadBlock {
  readonly block: Uint8Array;
  readonly bytes: Uint8Array;
}

function readBlock(file: OpenDownload, position: number, block: Uint8Array): Promise<ReadBlock> {
  const read = file
    .read(position, Math.min(chunkBytes, file.size - position), block)
    .then((bytes) => ({ block, bytes }));
  // Nobody waits for it when the peer goes away first.
  read.catch(() => {});
  return read;
}
