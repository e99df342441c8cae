interface ErrorEntry {
  /** Whether the same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** The HTTP status that stands for it. */
  readonly status: number;
  /** What happened, in one sentence. */
  readonly message: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

/**
 * Every error that Picket can report, on any wire, in any log and on any page. A code is a contract: it is never reused
 * with another meaning. `docs/errors.md` lists the same table and a test compares the two.
 */
export const errorTable = {
  ALERT_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such alert.",
    remedy: "Look it up in the history of alerts.",
  },
  ALERT_RULE_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such alert rule.",
    remedy: "Look it up in the list of rules.",
  },
  CANCELLED: {
    retryable: false,
    status: 409,
    message: "The operation was cancelled.",
    remedy: "Start it again if it is still wanted.",
  },
  CHANNEL_LIMIT: {
    retryable: true,
    status: 429,
    message: "Too many streams are open for this user or node.",
    remedy: "Close a terminal or wait for a transfer to end.",
  },
  CHANNEL_UNKNOWN_KIND: {
    retryable: false,
    status: 400,
    message: "This kind of stream is not known.",
    remedy: "Use a kind that the other side announced.",
  },
  COMMAND_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such command.",
    remedy: "Look it up in the node's command history.",
  },
  COMMAND_TIMEOUT: {
    retryable: false,
    status: 504,
    message: "The command did not end within its time limit.",
    remedy: "Check the link to the node, or give the command more time.",
  },
  CONFIG_INVALID: {
    retryable: false,
    status: 400,
    message: "The configuration is not valid.",
    remedy: "Correct the key that the message names.",
  },
  CONFLICT: {
    retryable: false,
    status: 409,
    message: "That is already so, or something of that name exists.",
    remedy: "Reload and choose another name.",
  },
  CONTAINER_ENGINE_FAILED: {
    retryable: false,
    status: 502,
    message: "The container engine could not do this.",
    remedy: "The details are the engine's own words.",
  },
  CONTAINER_ENGINE_MISSING: {
    retryable: true,
    status: 503,
    message: "No container engine runs on this node.",
    remedy: "Start Docker or Podman there, and let the agent's user open its socket.",
  },
  CONTAINER_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such container.",
    remedy: "Look it up in the node's list of containers.",
  },
  DATABASE_ERROR: {
    retryable: true,
    status: 503,
    message: "The database could not do this.",
    remedy: "Check the free space of the core's disk; what was not stored is sent again.",
  },
  DATA_FOLDER_IN_USE: {
    retryable: false,
    status: 409,
    message: "Another Picket uses this data folder.",
    remedy: "Stop the other one, or give this one another --data folder.",
  },
  DATA_FOLDER_TOO_NEW: {
    retryable: false,
    status: 409,
    message: "The data folder was written by a newer version.",
    remedy: "Start the newer version, or use another --data folder.",
  },
  DATA_FOLDER_UNUSABLE: {
    retryable: false,
    status: 500,
    message: "The data folder cannot be used.",
    remedy: "Make it writable for the user that runs Picket, or name another with --data.",
  },
  DOCUMENT_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such document.",
    remedy: "Reload the folder; it may have been moved, renamed or deleted.",
  },
  DOCUMENT_SERVER_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such document server.",
    remedy: "Look it up in the list of document servers.",
  },
  FILE_TASK_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such transfer.",
    remedy: "Start the upload or download again.",
  },
  FILE_TASK_OVER: {
    retryable: false,
    status: 409,
    message: "This transfer is done, cancelled or expired.",
    remedy: "Start the upload or download again.",
  },
  FOLDER_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such folder.",
    remedy: "Reload; it may have been moved, renamed or deleted.",
  },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    message: "You may not do this.",
    remedy: "Ask an administrator for a role or a node group that allows it.",
  },
  FORBIDDEN_BY_POLICY: {
    retryable: false,
    status: 403,
    message: "The owner of this machine does not allow this.",
    remedy: "The owner can change the policy file on that machine; the core cannot.",
  },
  HASH_MISMATCH: {
    retryable: true,
    status: 422,
    message: "What arrived is not what was announced: its SHA-256 differs.",
    remedy: "Send it again; if it stays, check the disk and the memory of the sender.",
  },
  INTERNAL_ERROR: {
    retryable: true,
    status: 500,
    message: "Something went wrong inside.",
    remedy: "Try again; if it stays, report it with the time and the log.",
  },
  INVALID_CREDENTIALS: {
    retryable: false,
    status: 401,
    message: "User name or password is wrong.",
    remedy: "Check both and try again.",
  },
  INVALID_MESSAGE: {
    retryable: false,
    status: 400,
    message: "The message is not valid.",
    remedy: "Correct the field that the details name.",
  },
  INVALID_PARAMS: {
    retryable: false,
    status: 400,
    message: "A field is missing or has the wrong form.",
    remedy: "Correct the field that the details name.",
  },
  INVALID_TOKEN: {
    retryable: false,
    status: 401,
    message: "The token is missing, unknown, expired or used up.",
    remedy: "Make a new token in the console under Add a node.",
  },
  LOCKDOWN: {
    retryable: true,
    status: 503,
    message: "The documents are locked down.",
    remedy: "Wait until an administrator lifts the lockdown.",
  },
  NAME_INVALID: {
    retryable: false,
    status: 400,
    message: "This name cannot be used.",
    remedy: "Choose one without slashes, control characters or names that systems reserve.",
  },
  NAME_TAKEN: {
    retryable: false,
    status: 409,
    message: "Something of that name exists there.",
    remedy: "Choose another name, or add a revision to the document that is there.",
  },
  NODE_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such node.",
    remedy: "Register the node, or check its id.",
  },
  NODE_OFFLINE: {
    retryable: true,
    status: 409,
    message: "The node is not connected.",
    remedy: "Wait until it is back; commands can be queued for it.",
  },
  NODE_STORAGE_FAILED: {
    retryable: false,
    status: 507,
    message: "The node cannot write down that it takes this command on, so it does not run it.",
    remedy: "Make room on the node's disk, in a terminal for example, and run the command again.",
  },
  NOTIFICATION_CHANNEL_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such notification channel.",
    remedy: "Look it up in the list of channels.",
  },
  PARSE_ERROR: {
    retryable: false,
    status: 400,
    message: "The message is not valid JSON.",
    remedy: "Check the JSON at the position that the details name.",
  },
  PASSWORD_CHANGE_REQUIRED: {
    retryable: false,
    status: 403,
    message: "A new password is needed before you can sign in.",
    remedy: "Set a new password and sign in with it.",
  },
  PASSWORD_TOO_WEAK: {
    retryable: false,
    status: 400,
    message: "The password is too weak.",
    remedy: "Choose one that has what the details ask for.",
  },
  PEER_LOST: {
    retryable: true,
    status: 502,
    message: "The other side of the stream lost its connection.",
    remedy: "It is taken up again when the connection is back.",
  },
  PORT_IN_USE: {
    retryable: false,
    status: 409,
    message: "The address to listen on cannot be used.",
    remedy: "Stop the program that uses the port, or choose another with --listen.",
  },
  QUOTA_EXCEEDED: {
    retryable: false,
    status: 413,
    message: "There is no room left for this file.",
    remedy: "Delete what is not needed and empty the bin, or ask an administrator for more room.",
  },
  RATE_LIMITED: {
    retryable: true,
    status: 429,
    message: "Too many requests in a short time.",
    remedy: "Wait a little and try again.",
  },
  REVISION_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such revision.",
    remedy: "Reload the document's list of revisions.",
  },
  ROOM_FULL: {
    retryable: true,
    status: 409,
    message: "The room is full.",
    remedy: "Wait until somebody leaves, or make a room for more clients.",
  },
  ROOM_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such room.",
    remedy: "Look it up in the list of rooms.",
  },
  SESSION_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such session.",
    remedy: "It has ended already; open a new one.",
  },
  SHUTTING_DOWN: {
    retryable: true,
    status: 503,
    message: "The core is stopping.",
    remedy: "Connect again in a moment.",
  },
  SIZE_MISMATCH: {
    retryable: true,
    status: 422,
    message: "What arrived is not as long as was announced.",
    remedy: "Send it again; the file may have changed while it was sent.",
  },
  STORAGE_FULL: {
    retryable: true,
    status: 507,
    message: "The disk of the core is full.",
    remedy: "Free some room on the core's disk and go on; nothing that was stored is lost.",
  },
  TERMINAL_AUTH_FAILED: {
    retryable: false,
    status: 401,
    message: "The terminal's user name or password is wrong.",
    remedy: "Check both and try again.",
  },
  TERMINAL_CONNECT_FAILED: {
    retryable: true,
    status: 502,
    message: "The terminal could not be opened.",
    remedy: "Check that the machine runs and that its agent is connected.",
  },
  TERMINAL_NOT_CONNECTED: {
    retryable: false,
    status: 409,
    message: "No terminal is open for this machine.",
    remedy: "Open one with terminal-connect first.",
  },
  TIMEOUT: {
    retryable: true,
    status: 504,
    message: "No answer came in time.",
    remedy: "Check the connection and try again.",
  },
  TOKEN_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such token.",
    remedy: "Look it up in the list of tokens.",
  },
  TRANSFER_RUNNING: {
    retryable: true,
    status: 409,
    message: "It is being downloaded right now.",
    remedy: "Try again when the download is done.",
  },
  TWO_FACTOR_REQUIRED: {
    retryable: false,
    status: 401,
    message: "A code of the second factor is needed.",
    remedy: "Enter the code of the authenticator app, or a backup code.",
  },
  UNAUTHORIZED: {
    retryable: false,
    status: 401,
    message: "You are not signed in, or no longer.",
    remedy: "Sign in again.",
  },
  UNKNOWN_MESSAGE_TYPE: {
    retryable: false,
    status: 400,
    message: "This message type is not known.",
    remedy: "Use one of the types that the details list.",
  },
  UNKNOWN_TOPIC: {
    retryable: false,
    status: 400,
    message: "This topic is not known.",
    remedy: "Use one of the topics that the details list.",
  },
  UNKNOWN_TYPE: {
    retryable: false,
    status: 400,
    message: "This request type is not known.",
    remedy: "Use one of the types that the documentation lists.",
  },
  UNSUPPORTED: {
    retryable: false,
    status: 501,
    message: "The other side cannot do this.",
    remedy: "Check what the node's agent announces as its capabilities.",
  },
  USER_GROUP_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such group of users.",
    remedy: "Look it up in the list of groups.",
  },
  USER_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such user.",
    remedy: "Look it up in the list of users.",
  },
  VM_NOT_FOUND: {
    retryable: false,
    status: 404,
    message: "There is no such machine.",
    remedy: "Look it up in the list of machines.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorTable, value);
}

export interface PicketErrorOptions {
  /** What exactly, for people who can act on it; never internals, never secrets. */
  readonly details?: string;
  /** Instead of the table's sentence, when there is a better one. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** An error with a code of the table. The code survives every border; the message is for people. */
export class PicketError extends Error {
  readonly code: ErrorCode;
  readonly details: string | undefined;

  constructor(code: ErrorCode, options: PicketErrorOptions = {}) {
    super(options.message ?? errorTable[code].message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "PicketError";
    this.code = code;
    this.details = options.details;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }
}

/** Anything that was thrown, as an error of the table. An unknown one becomes `INTERNAL_ERROR` and keeps its cause. */
export function toPicketError(thrown: unknown): PicketError {
  return thrown instanceof PicketError ? thrown : new PicketError("INTERNAL_ERROR", { cause: thrown });
}

/** The message of anything that was thrown, for a log line. */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? "" : `: ${describeError(thrown.cause)}`;
  const details = thrown instanceof PicketError && thrown.details !== undefined ? ` (${thrown.details})` : "";
  return `${thrown.message}${details}${cause}`;
}
