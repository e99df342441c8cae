import * as z from "zod/mini";
import { done, name, request, text } from "./define.ts";

const vmId = name(128);

/** Virtual machines as the seed has them. Until a node's agent manages some, every id is unknown. */
export const vmRequests = {
  "vm-control": request(
    z.object({ vmId, action: z.enum(["start", "stop", "restart", "pause", "resume", "reset"]) }),
    z.object({ vmId: z.string(), action: z.string() }),
  ),
  "vnc-connect": request(z.object({ vmId }), done),
  "vnc-input": request(z.object({ vmId, inputType: text(32) }), done),
};
