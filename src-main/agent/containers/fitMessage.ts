import { PicketError } from "../../base/errors.ts";
import type { ContainerList } from "./containerEngine.ts";

/** A message of the node may have 1 MiB; with this much the rest of it has room. */
const longest = 768 * 1024;

/** The list with as many containers as one message can carry. */
export function fitList(list: ContainerList): ContainerList {
  let { containers } = list;
  while (bytesOf(containers) > longest) containers = containers.slice(0, Math.floor(containers.length / 2));
  return { ...list, containers };
}

/** @throws {PicketError} `CONTAINER_ENGINE_FAILED` for what is no object, or too large to be sent */
export function fitRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new PicketError("CONTAINER_ENGINE_FAILED", { details: "the engine's answer is not valid" });
  }
  if (bytesOf(value) > longest) {
    throw new PicketError("CONTAINER_ENGINE_FAILED", { details: "the engine's answer is too large" });
  }
  return value as Record<string, unknown>;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
