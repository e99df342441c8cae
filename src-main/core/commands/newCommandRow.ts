import { randomUUID } from "node:crypto";
import type { CommandsTable } from "../../store/tables.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";

export interface DirectCommand {
  readonly node: NodeRecord;
  readonly commandText: string;
  /** Seconds the command may run. */
  readonly timeout: number;
  readonly createdBy: string;
}

interface NewCommandRow extends DirectCommand {
  /** Both on the wall clock. */
  readonly now: number;
  readonly expiresAt: number;
}

/** The row of a command that nothing has happened to yet. */
export function newCommandRow(command: NewCommandRow): CommandsTable {
  return {
    id: randomUUID(),
    node_key: command.node.key,
    command_text: command.commandText,
    timeout: command.timeout,
    status: "queued",
    created_by: command.createdBy,
    created_at: command.now,
    expires_at: command.expiresAt,
    sent_at: null,
    started_at: null,
    finished_at: null,
    exit_code: null,
    stdout: null,
    stderr: null,
    execution_time_ms: null,
    error_code: null,
  };
}
