import { PicketError } from "../../../base/errors.ts";

const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What a file system said, as an error of the table: `STORAGE_FULL` when there is no room, `INTERNAL_ERROR` otherwise. */
export function diskError(thrown: unknown): PicketError {
  if (thrown instanceof PicketError) return thrown;
  const isFull = full.has((thrown as NodeJS.ErrnoException).code ?? "");
  return new PicketError(isFull ? "STORAGE_FULL" : "INTERNAL_ERROR", { cause: thrown });
}

/** Whether there was no such file. */
export function isMissing(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException).code === "ENOENT";
}
