/**
 * The life of a command: queued (stored, not handed over) → sent → started → one of the rest. `expired` was never sent;
 * `lost` was sent and its fate is unknown.
 */
export const commandStatuses = [
  "queued",
  "sent",
  "started",
  "succeeded",
  "failed",
  "timed_out",
  "lost",
  "cancelled",
  "expired",
] as const;
export type CommandStatus = (typeof commandStatuses)[number];

export const openStatuses: readonly CommandStatus[] = ["queued", "sent", "started"];

export interface Command {
  readonly id: string;
  readonly nodeId: string;
  readonly commandText: string;
  /** Seconds. */
  readonly timeout: number;
  readonly status: CommandStatus;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly sentAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
  readonly executionTimeMs: number | undefined;
  readonly errorCode: string | undefined;
}

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandResult extends CommandOutput {
  readonly exitCode: number;
  readonly executionTimeMs: number;
}

/** The exit code of a command that was ended at its time limit, as `timeout(1)` has it. */
const timeoutExitCode = 124;

/** What a result makes of its command. */
export function statusOf(result: CommandResult, command: Command): CommandStatus {
  if (result.exitCode === 0) return "succeeded";
  const ranOut = result.executionTimeMs >= command.timeout * 1000;
  return result.exitCode === timeoutExitCode && ranOut ? "timed_out" : "failed";
}
