import type { Disposable } from "../../base/disposable.ts";
import type { LogLevel } from "../logs/logEntry.ts";

/** Lines of one node that are on the disk. */
export interface LogLines {
  readonly nodeKey: number;
  readonly entries: readonly { readonly time: number; readonly level: LogLevel; readonly message: string }[];
}

/** Where log lines come from: `LogStore`, as far as the rules need it. */
export interface LogSource {
  onStored(listener: (lines: LogLines) => void): Disposable;
}

/** Something that happened to a container of a node. */
export interface ContainerEvent {
  readonly nodeId: string;
  readonly container: { readonly name: string };
  /** The engine's word: `start`, `stop`, `die`, `kill`, `oom`, `destroy`. */
  readonly event: string;
  readonly exitCode?: number | undefined;
}

/** Where the containers' lives are told: `Containers`, as far as the rules need it. */
export interface ContainerSource {
  onEvent(listener: (event: ContainerEvent) => void): Disposable;
}
