export type FileTaskMode = "download" | "upload";
/** How a download is framed when nobody asks otherwise. */
export type DownloadForm = "seed" | "reference";

/** Leave to move one revision's bytes once. Its id is the credential. */
export interface FileTask {
  readonly id: string;
  readonly mode: FileTaskMode;
  /** An upload's is `seed`. */
  readonly form: DownloadForm;
  readonly revisionId: string;
  readonly fileId: string;
  readonly documentId: string;
  readonly status: "waiting" | "done" | "cancelled";
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly startAt: number;
  /** Milliseconds since 1970: from then on it cannot be taken any more. */
  readonly endAt: number;
}

/** The `details` of `FILE_TASK_OVER`: of the other kind or used already. */
export const taskNotValid = "not in a valid state";
/** The `details` of `FILE_TASK_OVER`: its time has not come or is over. */
export const taskNotNow = "not started yet or ended";
