import * as z from "zod/mini";
import {
  containerActionShape,
  containerListShape,
  containerReference,
  containerStatsShape,
} from "../../containerShapes.ts";
import { shallowRecord } from "../../shallowRecord.ts";

const text = (longest: number) => z.string().check(z.maxLength(longest));
const one = z.object({ container: containerReference });

/** What a node says of its containers without being asked: the capability `docker`. */
export const containerMessages = {
  /** The whole list, whenever it has changed, at most once a second. */
  containers: containerListShape,
  container_event: z.object({
    container: z.object({ id: text(128), name: text(256), image: text(512) }),
    event: text(64),
    exit_code: z.optional(z.number().check(z.int())),
    /** Milliseconds since 1970. */
    time: z.number(),
  }),
};

/** What a node can be asked about its containers. */
export const containerMethods = {
  "container-list": { params: z.object({}), result: containerListShape },
  "container-inspect": { params: one, result: z.object({ details: shallowRecord }) },
  "container-action": {
    params: z.extend(one, { action: containerActionShape }),
    result: z.object({ message: text(4096) }),
  },
  "container-stats": { params: one, result: containerStatsShape },
  "container-logs": {
    params: z.extend(one, { tail: z.number().check(z.int(), z.gte(1), z.lte(10_000)) }),
    result: z.object({ text: text(524_288) }),
  },
};
