import type { Disposable } from "../../base/disposable.ts";
import type { NodeMessageData } from "../../protocols/nodes/messages.ts";
import type { ContainerExec, ExecSpec } from "./containerExec.ts";
import type { LogSource, LogSpec } from "./logSource.ts";

export type ContainerList = NodeMessageData<"containers">;
export type Container = ContainerList["containers"][number];
export type ContainerEvent = Omit<NodeMessageData<"container_event">, "exit_code"> & {
  /** Only with `die`. */
  readonly exitCode?: number | undefined;
};

export const containerActions = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"] as const;
export type ContainerAction = (typeof containerActions)[number];

/** Null where the engine does not say. */
export interface ContainerStats {
  /** Milliseconds since 1970. */
  time: number;
  /** Percent of one processor. */
  cpu: number | null;
  /** Bytes. */
  memory: { used: number | null; limit: number | null };
  network: { rx: number | null; tx: number | null };
  disk: { read: number | null; write: number | null };
  processes: number | null;
}

/** Who is told what changes. */
export interface ContainerWatcher {
  /** The whole list, at first and after every change, at most once a second. No engine: an empty one. */
  changed(list: ContainerList): void;
  happened(event: ContainerEvent): void;
}

/**
 * Docker or Podman on this machine, which may come and go. A container is named by its id or its name. Every call ends
 * within its deadline.
 *
 * @throws {PicketError} in every call but `watch`: `CONTAINER_ENGINE_MISSING`, `CONTAINER_NOT_FOUND`,
 *   `CONTAINER_ENGINE_FAILED` with the engine's own words as details, `FORBIDDEN_BY_POLICY`
 */
export interface ContainerEngine {
  /** Without an engine: an empty list. */
  list(): Promise<ContainerList>;
  /** What the engine itself says of it, secrets and all. */
  inspect(container: string): Promise<Record<string, unknown>>;
  /** Resolves with one sentence when it is done. */
  act(container: string, action: ContainerAction): Promise<string>;
  stats(container: string): Promise<ContainerStats>;
  /** The last lines, at most `tail`. */
  logs(container: string, tail: number): Promise<string>;
  /** The output as a stream that can be followed. The caller closes it. */
  openLogs(spec: LogSpec): Promise<LogSource>;
  /** Starts a program on a terminal in a running container. */
  exec(spec: ExecSpec): Promise<ContainerExec>;
  /** Tells what changes until disposed. */
  watch(watcher: ContainerWatcher): Disposable;
}
