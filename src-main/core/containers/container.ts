export type ContainerState =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "removing"
  | "exited"
  | "dead"
  | "unknown";

/** A port of a container, and where on the node it can be reached. */
export interface ContainerPort {
  /** The node's address that it is published on; null when it is not, or on all. */
  readonly address: string | null;
  /** The node's port; null when it is not published. */
  readonly published: number | null;
  /** The port inside the container. */
  readonly target: number;
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string;
}

/** A container as a list shows it. All texts are the engine's and whoever made the container: hostile to a console. */
export interface Container {
  readonly id: string;
  /** Without the slash that Docker puts before it. */
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  /** The engine's own words: `Up 3 minutes`. */
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly ports: readonly ContainerPort[];
}

export interface ContainerEngineInfo {
  /** `Docker` or `Podman`. */
  readonly name: string;
  readonly version: string;
}

/** All containers of a node; no engine and none when there is nothing to ask. */
export interface ContainerList {
  readonly engine: ContainerEngineInfo | null;
  readonly containers: readonly Container[];
}

/** What a container uses. Null where the engine does not say. */
export interface ContainerStats {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Percent of one processor: 200 is two of them busy. */
  readonly cpu: number | null;
  /** Bytes. */
  readonly memory: { readonly used: number | null; readonly limit: number | null };
  /** Bytes since the container was started. */
  readonly network: { readonly rx: number | null; readonly tx: number | null };
  /** Bytes since the container was started. */
  readonly disk: { readonly read: number | null; readonly write: number | null };
  readonly processes: number | null;
}

export const containerActions = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"] as const;
export type ContainerAction = (typeof containerActions)[number];

/** Something that happened to a container. */
export interface ContainerEvent {
  readonly container: { readonly id: string; readonly name: string; readonly image: string };
  /** The engine's word: `start`, `stop`, `die`, `oom`. */
  readonly event: string;
  /** Only with `die`. */
  readonly exitCode?: number | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}
