import * as z from "zod/mini";
import { name, nodeId, request, text, time, whole } from "./define.ts";

/** From the least to the most serious. */
export const logLevels = ["debug", "info", "notice", "warning", "error", "critical"] as const;
export type LogLevel = (typeof logLevels)[number];

const logLine = z.object({
  /** Unique, and in the order of time: the cursor of pages. */
  id: z.number(),
  nodeId: z.string(),
  time,
  level: z.enum(logLevels),
  source: z.string(),
  message: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

const nodeIds = z.optional(z.array(nodeId).check(z.maxLength(500)));
const moment = time.check(z.gte(-8.64e15), z.lte(8.64e15));

/** Which lines: what is left out does not matter. */
const filter = {
  nodeIds,
  levels: z.optional(z.array(z.enum(logLevels)).check(z.minLength(1))),
  sources: z.optional(z.array(name(128)).check(z.minLength(1), z.maxLength(50))),
  /** Words, "words in a row", -without, begin*; whatever else is written is looked for as it is. */
  text: z.optional(text(1024)),
};

export const logRequests = {
  /** Newest first, in pages: `before` is the page before's `next`. Only lines of nodes that the user may see. */
  "log-search": request(
    z.object({
      ...filter,
      from: z.optional(moment),
      to: z.optional(moment),
      before: z.optional(whole(0, Number.MAX_SAFE_INTEGER)),
      limit: z.prefault(whole(1, 1000), 200),
    }),
    z.object({ lines: z.array(logLine), next: z.nullable(z.number()) }),
  ),
  /** What has written lines, by name. */
  "log-sources": request(z.object({ nodeIds }), z.object({ sources: z.array(z.string()) })),
};

/** What a channel of the kind `logs` is opened with. `since`: first what is stored from then on, as far as it fits. */
export const logTailParams = z.object({ ...filter, since: z.optional(moment) });

/** What comes over it, one a line: a line, or how many were left out because the console did not keep up. */
export const logTailItem = z.union([logLine, z.object({ skipped: z.number() })]);
export type LogTailItem = z.infer<typeof logTailItem>;
