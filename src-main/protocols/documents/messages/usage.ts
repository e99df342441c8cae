import * as z from "zod/mini";
import { action, nothing } from "./define.ts";

export const usageActions = {
  /** Bytes everywhere. `server` only for whoever may manage the system. */
  storage_usage: action({
    data: nothing,
    result: z.object({
      /** Of all revisions that the caller uploaded, also of those in the bin. */
      used: z.int(),
      revisions: z.int(),
      /** How much `used` may become; null: no limit. */
      limit: z.nullable(z.int()),
      /** How large one file may be; null: no limit. */
      file_limit: z.nullable(z.int()),
      server: z.optional(
        z.object({
          /** Of the files as they lie on the disk: the same content counts once. */
          stored: z.int(),
          files: z.int(),
          /** Files whose content is not what was uploaded any more. */
          damaged: z.int(),
          /** Of the disk that they lie on. */
          free: z.int(),
          total: z.int(),
          /** Who keeps most first. */
          users: z.array(z.object({ username: z.string(), used: z.int(), revisions: z.int() })),
        }),
      ),
    }),
  }),
};
