import { PicketError } from "../../../base/errors.ts";
import { type FileTask, type FileTaskMode, taskNotNow } from "../../../core/documents/transfers/fileTask.ts";
import { Refusal } from "../refusal.ts";
import type { TransferServices } from "./transferServices.ts";

/** @throws {Refusal} 404 or 400, as the peers know them */
export async function takeTask(
  taskId: string,
  mode: FileTaskMode,
  { documents, note }: TransferServices,
): Promise<FileTask> {
  try {
    const task = await documents.tasks.take(taskId, mode);
    note.target = task.documentId;
    // Nobody is signed in here: whoever has the id acts for whoever got it.
    note.actor = task.createdBy;
    return task;
  } catch (thrown) {
    throw taskRefusal(thrown, mode);
  }
}

/** What was thrown, in the words of the protocol when it says that a task cannot be used. */
export function taskRefusal(thrown: unknown, mode: FileTaskMode): unknown {
  if (!(thrown instanceof PicketError)) return thrown;
  if (thrown.code === "FILE_TASK_NOT_FOUND") return new Refusal(404, "Task not found");
  if (thrown.code !== "FILE_TASK_OVER") return thrown;
  const isNow = thrown.details !== taskNotNow;
  return new Refusal(
    400,
    isNow ? `Task is not in a valid state for ${mode}` : "Task is either not started yet or has already ended",
  );
}
