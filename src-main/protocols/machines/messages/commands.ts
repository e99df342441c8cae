import * as z from "zod/mini";
import { done, name, nodeId, request, time, whole } from "./define.ts";

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

const command = z.object({
  commandId: z.string(),
  nodeId: z.string(),
  command: z.string(),
  /** Seconds. */
  timeout: z.number(),
  status: z.enum(commandStatuses),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
  sentAt: z.nullable(time),
  startedAt: z.nullable(time),
  finishedAt: z.nullable(time),
  exitCode: z.nullable(z.number()),
  executionTimeMs: z.nullable(z.number()),
  errorCode: z.nullable(z.string()),
});
export type Command = z.infer<typeof command>;

const commandId = name(128);

export const commandRequests = {
  /** Runs a command on each of the nodes; on one that is offline when it is back, until `expiresIn` milliseconds. */
  "command-run": request(
    z.object({
      nodeIds: z.array(nodeId).check(z.minLength(1), z.maxLength(1000)),
      command: name(32_768),
      timeout: z.prefault(whole(1, 86_400), 60),
      expiresIn: z.prefault(whole(1_000, 30 * 86_400_000), 86_400_000),
    }),
    z.object({ commands: z.array(command) }),
  ),
  /**
   * Newest first; of one node, or of all that the user may see. The next page begins after `before` and `beforeId`, the
   * last command of the page before: commands that were made at once have the same time.
   */
  "command-list": request(
    z.object({
      nodeId: z.optional(nodeId),
      before: z.optional(time),
      beforeId: z.optional(name(128)),
      status: z.optional(z.enum(commandStatuses)),
      limit: z.prefault(whole(1, 200), 50),
    }),
    z.object({ commands: z.array(command) }),
  ),
  "command-get": request(z.object({ commandId }), z.object({ command })),
  /** A piece of what the command printed, in characters; `total` is how many there are. */
  "command-output": request(
    z.object({
      commandId,
      stream: z.enum(["stdout", "stderr"]),
      offset: z.prefault(whole(0, 2 ** 31), 0),
      length: z.prefault(whole(1, 131_072), 131_072),
    }),
    z.object({ text: z.string(), total: z.number() }),
  ),
  "command-cancel": request(z.object({ commandId }), done),
};

export const commandPushes = { "command-changed": z.object({ command }) };
