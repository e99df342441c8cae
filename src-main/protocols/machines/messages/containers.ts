import * as z from "zod/mini";
import {
  containerActionShape,
  containerListShape,
  containerReference,
  type containerShape,
  containerStatsShape,
} from "../../containerShapes.ts";
import { nodeId, request } from "./define.ts";

const one = { nodeId, container: containerReference };

/** A container by its id or name. */
export const containerRequests = {
  /** What the node said last, or what it answers now. No engine: null and none. */
  "container-list": request(z.object({ nodeId }), containerListShape),
  /** What the engine knows of it; values that look like secrets are masked. */
  "container-inspect": request(z.object(one), z.object({ details: z.record(z.string(), z.unknown()) })),
  "container-stats": request(z.object(one), containerStatsShape),
  "container-act": request(z.object({ ...one, action: containerActionShape }), z.object({ message: z.string() })),
};

export type Container = z.output<typeof containerShape>;
export type ContainerList = z.output<typeof containerListShape>;
export type ContainerStats = z.output<typeof containerStatsShape>;
export type ContainerAction = z.output<typeof containerActionShape>;

export const containerPushes = {
  /** The whole list, to whoever subscribed to `containers` of the node. */
  "containers-changed": z.object({ nodeId: z.string(), ...containerListShape.shape }),
};
