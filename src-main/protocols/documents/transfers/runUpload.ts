import { PicketError } from "../../../base/errors.ts";
import type { OpenUpload } from "../../../core/documents/transfers/openUpload.ts";
import { parseUploadHead, plainFrameBytes, type UploadHead } from "../messages/transferFrames.ts";
import { Refusal } from "../refusal.ts";
import type { Answer } from "../requests/handler.ts";
import type { TransferLink } from "../transferLink.ts";
import { receiveFrames } from "./receiveFrames.ts";
import { takeTask, taskRefusal } from "./takeTask.ts";
import { answerTimeout, type TransferServices } from "./transferServices.ts";

/**
 * The frames that a client with larger ones is asked for: parts of one read of the network, most of them. What is larger
 * is gathered in fresh memory, and from 64 KiB on the garbage collector takes more time than everything else.
 */
const fastestFrameBytes = 16 * 1024;

/**
 * Takes a task's bytes.
 *
 * @returns the closing answer: what came is stored and visible
 * @throws {Refusal} to be answered; the task can be used again
 * @throws {PicketError} to be answered as everywhere; `PEER_LOST` when there is nobody to answer any more
 */
export async function runUpload(
  link: TransferLink,
  taskId: string,
  services: TransferServices,
): Promise<Answer<"upload_file">> {
  await takeTask(taskId, "upload", services);
  link.sendText('{"action": "transfer_file", "data": {}, "message": "waiting for file transfer"}');
  const head = await readHead(link);
  const upload = await open(taskId, head, services);
  try {
    return await receive(link, head, upload);
  } catch (thrown) {
    throw refusalOf(thrown);
  } finally {
    // What came and was not stored is kept for another attempt. After `finish` and `abort` there is nothing.
    await upload.suspend();
  }
}

async function receive(link: TransferLink, head: UploadHead, upload: OpenUpload): Promise<Answer<"upload_file">> {
  const { file_size: size, max_chunk_size: largest, offset } = head;
  if (size > 0) {
    const frameBytes = largest === undefined ? plainFrameBytes : Math.min(largest, fastestFrameBytes);
    const named = largest === undefined && offset === undefined ? "" : ` ${frameBytes}`;
    link.sendText(`ready${named}${offset === undefined ? "" : ` ${upload.held}`}`);
    await receiveFrames(link, upload, frameBytes);
  }
  // Stored before anything is said: there are clients that do not wait for the answer.
  const { sha256 } = await upload.finish();
  if (size === 0) link.sendText("stop");
  // Only Picket's own client looks at it; the others know this answer as an empty one.
  const data = offset === undefined ? {} : { sha256, file_size: size };
  return { message: "File received successfully", data };
}

/** @throws {Refusal} 400 */
async function readHead(link: TransferLink): Promise<UploadHead> {
  try {
    const message = await link.next(answerTimeout);
    const head = message.kind === "text" ? parseUploadHead(message.text) : undefined;
    if (head !== undefined) return head;
  } catch (thrown) {
    if (!(thrown instanceof PicketError) || thrown.code !== "TIMEOUT") throw thrown;
  }
  throw new Refusal(400, "Invalid request for file transfer");
}

async function open(taskId: string, head: UploadHead, { documents }: TransferServices): Promise<OpenUpload> {
  try {
    return await documents.uploads.open(taskId, {
      size: head.file_size,
      sha256: head.sha256 ?? undefined,
      offset: head.offset === undefined ? 0 : "held",
    });
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

function refusalOf(thrown: unknown): unknown {
  if (!(thrown instanceof PicketError)) return thrown;
  const { code, details } = thrown;
  if (code === "SIZE_MISMATCH") return new Refusal(400, `File size mismatch: ${details}`);
  if (code === "HASH_MISMATCH") return new Refusal(400, `SHA256 mismatch: ${details}`);
  return taskRefusal(thrown, "upload");
}
