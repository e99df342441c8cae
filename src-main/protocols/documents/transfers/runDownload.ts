import { PicketError } from "../../../base/errors.ts";
import type { FileTask } from "../../../core/documents/transfers/fileTask.ts";
import { Refusal } from "../refusal.ts";
import type { Answer } from "../requests/handler.ts";
import type { TransferLink } from "../transferLink.ts";
import { sendBinary } from "./sendBinary.ts";
import { sendEncrypted } from "./sendEncrypted.ts";
import { takeTask } from "./takeTask.ts";
import type { TransferServices } from "./transferServices.ts";

export interface DownloadRequest {
  readonly taskId: string;
  /** Picket's own form: raw frames, whatever form the task has. */
  readonly encoding?: "binary" | undefined;
  /** Where raw frames begin. */
  readonly offset?: number | undefined;
}

/**
 * Sends a task's bytes, in the form that its maker knows or that this very request asks for.
 *
 * @returns the closing answer; undefined when this form has none
 * @throws {Refusal} to be answered; the task can be used again
 * @throws {PicketError} to be answered as everywhere; `PEER_LOST` when there is nobody to answer any more
 */
export async function runDownload(
  link: TransferLink,
  { taskId, encoding, offset = 0 }: DownloadRequest,
  services: TransferServices,
): Promise<Answer<"download_file"> | undefined> {
  const task = await takeTask(taskId, "download", services);
  const isBinary = encoding === "binary" || isSeedForm(task);
  if (offset > 0 && !isBinary) throw new Refusal(400, "An offset needs the binary encoding", { validator: "offset" });
  const file = await services.documents.downloads.open(taskId);
  try {
    if (!isBinary) {
      await sendEncrypted(link, file);
      return undefined;
    }
    if (offset > file.size) throw new Refusal(400, "The offset is beyond the end of the file", { validator: "offset" });
    await sendBinary(link, file, offset);
    await file.finish();
    return { message: "File sent successfully", data: { sha256: file.sha256, file_size: file.size } };
  } catch (thrown) {
    throw asLost(link, thrown);
  } finally {
    await file.close();
  }
}

function isSeedForm(task: FileTask): boolean {
  return task.form === "seed";
}

/** A peer that takes nothing any more is as good as gone. */
function asLost(link: TransferLink, thrown: unknown): unknown {
  if (!(thrown instanceof PicketError) || thrown.code !== "TIMEOUT") return thrown;
  link.terminate();
  return new PicketError("PEER_LOST", { cause: thrown });
}
