import type { Command } from "../../../src-main/protocols/machines/messages/commands.ts";
import type { StatusTone } from "../../components/statusTone.ts";

export type CommandStatus = Command["status"];

const tones: Readonly<Record<CommandStatus, StatusTone>> = {
  queued: "idle",
  sent: "busy",
  started: "busy",
  succeeded: "ok",
  failed: "bad",
  timed_out: "bad",
  lost: "warn",
  cancelled: "idle",
  expired: "warn",
};

/** How the dot before a status looks. */
export function statusTone(status: CommandStatus): StatusTone {
  return tones[status];
}

/** Whether a command has not come to its end. */
export function isOpen(status: CommandStatus): boolean {
  return status === "queued" || status === "sent" || status === "started";
}
