import { type ErrorCode, PicketError } from "../../base/errors.ts";
import type { Response } from "./messages.ts";
import { protocolVersion } from "./messages.ts";
import { Refusal } from "./refusal.ts";

/** What the wire says for an error of the core, where it does not say the same as the core. */
const answers: Partial<Record<ErrorCode, readonly [code: number, message?: string]>> = {
  CANCELLED: [409],
  CONFLICT: [409],
  DOCUMENT_NOT_FOUND: [404, "Document not found"],
  FILE_TASK_NOT_FOUND: [404, "Task not found"],
  FILE_TASK_OVER: [400],
  FOLDER_NOT_FOUND: [404, "Directory not found"],
  FORBIDDEN: [403, "Permission denied"],
  HASH_MISMATCH: [400],
  INVALID_CREDENTIALS: [401, "Invalid credentials"],
  INVALID_PARAMS: [400],
  LOCKDOWN: [999, "lockdown"],
  NAME_INVALID: [400],
  NAME_TAKEN: [409, "Something of that name exists there"],
  PASSWORD_CHANGE_REQUIRED: [403, "Password must be changed before you can log in"],
  PASSWORD_TOO_WEAK: [400],
  QUOTA_EXCEEDED: [400],
  RATE_LIMITED: [429, "Too many login attempts. Please try again later."],
  REVISION_NOT_FOUND: [404, "Revision not found"],
  SESSION_NOT_FOUND: [404, "Session not found"],
  SIZE_MISMATCH: [400],
  TIMEOUT: [400],
  TRANSFER_RUNNING: [409, "A download of this is in progress. Please try again later."],
  UNAUTHORIZED: [401, "Invalid user or token"],
  USER_GROUP_NOT_FOUND: [404, "Group does not exist"],
  USER_NOT_FOUND: [404, "User does not exist"],
};

export interface ErrorAnswer {
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * The answer to anything that was thrown. What is no error that the other side can act on is a 500 that says nothing of
 * what is inside.
 */
export function answerOf(thrown: unknown): ErrorAnswer {
  if (thrown instanceof Refusal) return { code: thrown.code, message: thrown.message, data: thrown.data };
  if (!(thrown instanceof PicketError)) return internal;
  const known = answers[thrown.code];
  if (known === undefined) return thrown.code === "STORAGE_FULL" ? storageFull : internal;
  const [code, message = thrown.message] = known;
  if (code === 429) {
    const seconds = Number(thrown.details);
    return { code, message, data: Number.isFinite(seconds) ? { retry_after: seconds } : {} };
  }
  return { code, message: withDetails(message, thrown, known), data: {} };
}

const internal: ErrorAnswer = { code: 500, message: "Internal server error", data: {} };
const storageFull: ErrorAnswer = { code: 500, message: "The server has no room left", data: {} };

/** The core's own sentence may be general; its details, written for people, say what exactly. */
function withDetails(message: string, { details }: PicketError, [, own]: readonly [number, string?]): string {
  return own !== undefined || details === undefined ? message : `${message} (${details})`;
}

/** An envelope of the server. */
export function envelope(answer: ErrorAnswer, wallTime: number): Response {
  const { code, message, data } = answer;
  return { code, message, data, protocol_version: protocolVersion, timestamp: wallTime / 1000 };
}
