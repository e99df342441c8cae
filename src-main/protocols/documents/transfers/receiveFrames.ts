import { PicketError } from "../../../base/errors.ts";
import type { OpenUpload } from "../../../core/documents/transfers/openUpload.ts";
import { Refusal } from "../refusal.ts";
import type { TransferLink } from "../transferLink.ts";
import { stallTimeout } from "./transferServices.ts";

/** How much more than it announced a peer may send before it is no longer listened to. */
const mostTooMuch = 16 * 1024 * 1024;

/**
 * Takes frames until one is shorter than `frameBytes`: that ends an upload, so where the size is a multiple an empty one
 * follows. What is above the announced size is not kept.
 *
 * @throws {Refusal} 400 for a wrong size or for text; what came is thrown away
 * @throws {PicketError} `PEER_LOST` before all was there, and what came is kept; those of `OpenUpload.write`
 */
export async function receiveFrames(link: TransferLink, upload: OpenUpload, frameBytes: number): Promise<void> {
  const { size } = upload;
  let received = upload.held;
  for (;;) {
    const bytes = await nextFrame(link, received === size);
    // The peer closed right after the last byte, without the empty frame: everything is there.
    if (bytes === undefined) return;
    if (bytes === "text") {
      await upload.abort();
      throw new Refusal(400, "Invalid request for file transfer");
    }
    received += bytes.length;
    if (received <= size) await write(link, { upload, bytes, frameBytes });
    if (bytes.length < frameBytes || received > size + mostTooMuch) break;
  }
  if (received === size) return;
  await upload.abort();
  throw new Refusal(400, `File size mismatch: expected ${size}, got ${received}`);
}

/** @throws {PicketError} what `write` threw, when the peer has sent its last frame: before that it does not listen */
async function write(
  link: TransferLink,
  {
    upload,
    bytes,
    frameBytes,
  }: { readonly upload: OpenUpload; readonly bytes: Uint8Array; readonly frameBytes: number },
): Promise<void> {
  try {
    await upload.write(bytes);
  } catch (error) {
    let last: Uint8Array | "text" | undefined = bytes;
    for (let passed = 0; passed < mostTooMuch && typeof last === "object" && last.length >= frameBytes; ) {
      last = await nextFrame(link, false);
      if (typeof last === "object") passed += last.length;
    }
    throw error;
  }
}

async function nextFrame(link: TransferLink, isComplete: boolean): Promise<Uint8Array | "text" | undefined> {
  try {
    const message = await link.next(stallTimeout);
    return message.kind === "text" ? "text" : message.bytes;
  } catch (thrown) {
    if (!(thrown instanceof PicketError) || (thrown.code !== "PEER_LOST" && thrown.code !== "TIMEOUT")) throw thrown;
    link.terminate();
    if (isComplete) return undefined;
    throw new PicketError("PEER_LOST", { cause: thrown });
  }
}
