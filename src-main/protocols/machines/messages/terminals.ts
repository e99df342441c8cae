import * as z from "zod/mini";
import { terminalSize } from "./connection.ts";
import { done, name, request, text } from "./define.ts";

const vmId = name(128);

/** Terminals as the seed has them, in text, for clients that do not speak channels. `vmId` is a node's id. */
export const terminalRequests = {
  "terminal-connect": request(
    z.object({
      vmId,
      type: text(32),
      cols: z.optional(terminalSize.cols),
      rows: z.optional(terminalSize.rows),
    }),
    z.object({ vmId: z.string() }),
  ),
  "terminal-input": request(z.object({ vmId, input: text(262_144) }), done),
  /** `session` names a terminal that was opened by channel. */
  "terminal-resize": request(z.object({ vmId, session: z.optional(name(128)), ...terminalSize }), done),
  "terminal-disconnect": request(z.object({ vmId }), done),
};

export const terminalPushes = {
  "terminal-output": z.object({ vmId: z.string(), output: z.string() }),
  "terminal-closed": z.object({ vmId: z.string(), exitCode: z.nullable(z.number()) }),
};
