import * as z from "zod/mini";
import { action, done, nothing } from "./define.ts";

export const serverActions = {
  /** What the server is, whether it is locked down, and a sign that it is there. */
  server_info: action({
    data: nothing,
    result: z.object({
      server_name: z.string(),
      version: z.string(),
      protocol_version: z.int(),
      lockdown: z.boolean(),
    }),
  }),
  /** From here on the connection is told of every lockdown and of its end. */
  register_listener: action({ data: nothing, result: done }),
  /** The program stops as on SIGTERM. What stands in `data` is not looked at. */
  shutdown: action({ data: z.unknown(), result: done }),
  /** `persist` keeps the state over a restart; without it a restart ends a lockdown. */
  lockdown: action({
    data: z.strictObject({ status: z.boolean(), persist: z.optional(z.boolean()) }),
    result: done,
  }),
};
