import { createHash, randomBytes } from "node:crypto";
import { PicketError } from "../../../base/errors.ts";
import type { OpenDownload } from "../../../core/documents/transfers/openDownload.ts";
import { Refusal } from "../refusal.ts";
import type { TransferLink } from "../transferLink.ts";
import { type Encryptor, newEncryptor } from "./newEncryptor.ts";
import { answerTimeout, stallTimeout } from "./transferServices.ts";

const chunkBytes = 2 * 1024 * 1024;
/**
 * What is encrypted at once: this cipher takes about 27 ms a megabyte, and everybody else waits meanwhile. A multiple of
 * three, so that the base64 of the slices is the base64 of the chunk.
 */
const sliceBytes = 48 * 1024;

/**
 * The reference form: a head, the peer's `ready`, encrypted chunks as JSON, and the key last. An empty file ends with
 * `ready`, and its task can be used again: so the clients that exist know it.
 *
 * @throws {Refusal} 400 when the peer is not ready
 * @throws {PicketError} `PEER_LOST`; `TIMEOUT` when the peer takes nothing; `INTERNAL_ERROR` for a damaged file
 */
export async function sendEncrypted(link: TransferLink, file: OpenDownload): Promise<void> {
  const { size } = file;
  const total = Math.ceil(size / chunkBytes);
  const sha256 = size === 0 ? null : file.sha256;
  send(link, "transfer_file", { sha256, file_size: size, chunk_size: chunkBytes, total_chunks: total });
  await requireReady(link);
  if (size === 0) return;
  const key = randomBytes(32);
  const iv = randomBytes(16);
  const encryptor = newEncryptor(key, iv);
  const block = new Uint8Array(Math.min(chunkBytes, size));
  for (let index = 0; index < total; index += 1) {
    const plain = await file.read(index * chunkBytes, chunkBytes, block);
    if (plain.length !== Math.min(chunkBytes, size - index * chunkBytes)) {
      throw new PicketError("INTERNAL_ERROR", { details: "a file is shorter than it was" });
    }
    const { hash, chunk } = await encrypt(plain, encryptor);
    await link.writable(stallTimeout);
    send(link, "file_chunk", { index, hash, iv: index === 0 ? iv.toString("base64") : "", chunk });
  }
  send(link, "aes_key", { key: key.toString("base64") });
  await file.finish();
}

/** @throws {Refusal} */
async function requireReady(link: TransferLink): Promise<void> {
  try {
    const message = await link.next(answerTimeout);
    if (message.kind === "text" && message.text === "ready") return;
  } catch (thrown) {
    if (!(thrown instanceof PicketError) || thrown.code !== "TIMEOUT") throw thrown;
  }
  throw new Refusal(400, "Client not ready for file transfer");
}

/** In slices, so that the requests of others come in between. */
async function encrypt(
  plain: Uint8Array,
  encryptor: Encryptor,
): Promise<{ readonly hash: string; readonly chunk: string }> {
  const hash = createHash("sha256");
  let chunk = "";
  for (let at = 0; at < plain.length; at += sliceBytes) {
    const slice = plain.subarray(at, at + sliceBytes);
    hash.update(slice);
    const encrypted = encryptor.update(slice);
    chunk += Buffer.from(encrypted.buffer, encrypted.byteOffset, encrypted.length).toString("base64");
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { hash: hash.digest("hex"), chunk };
}

function send(link: TransferLink, action: string, data: object): void {
  link.sendText(JSON.stringify({ action, data }));
}
