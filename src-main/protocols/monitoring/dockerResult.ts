import * as z from "zod/mini";
import type { NodeMethod } from "../../core/nodes/nodeMethods.ts";
import { containerListShape, containerStatsShape } from "../containerShapes.ts";
import { shallowRecord } from "../shallowRecord.ts";

const results = {
  "container-list": containerListShape,
  "container-stats": containerStatsShape,
  "container-inspect": shallowRecord,
  "container-logs": z.object({ text: z.string() }),
};

/** The result of a method out of a `docker_response` that succeeded; undefined when its data is not what was asked for. */
export function readDockerResult(
  method: NodeMethod,
  { message, data }: { readonly message: string; readonly data: unknown },
): unknown {
  if (method === "container-action") return { message };
  const schema = Object.hasOwn(results, method) ? results[method] : undefined;
  const checked = schema === undefined ? undefined : z.safeParse(schema, data);
  if (checked?.success !== true) return undefined;
  return method === "container-inspect" ? { details: checked.data } : checked.data;
}
