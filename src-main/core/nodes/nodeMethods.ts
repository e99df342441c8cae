import type { ContainerAction, ContainerList, ContainerStats } from "../containers/container.ts";

/**
 * What a node can be asked for and what it answers, by method. Only what the node announced may be asked; the protocol
 * checks what comes back.
 */
export interface NodeMethods {
  readonly "container-list": { readonly params: Record<string, never>; readonly result: ContainerList };
  /** The container is an id or a name, here and below. The details are the engine's own, secrets and all. */
  readonly "container-inspect": {
    readonly params: { readonly container: string };
    readonly result: { readonly details: Readonly<Record<string, unknown>> };
  };
  readonly "container-action": {
    readonly params: { readonly container: string; readonly action: ContainerAction };
    readonly result: { readonly message: string };
  };
  readonly "container-stats": { readonly params: { readonly container: string }; readonly result: ContainerStats };
  /** The last lines, at most as many as `tail`. */
  readonly "container-logs": {
    readonly params: { readonly container: string; readonly tail: number };
    readonly result: { readonly text: string };
  };
}

export type NodeMethod = keyof NodeMethods;
