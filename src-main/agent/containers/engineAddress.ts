import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where an engine listens: a socket or named pipe of this machine, or what `DOCKER_HOST` says of another place. */
export interface EngineAddress {
  readonly socketPath: string | undefined;
  /** For errors and logs. */
  readonly name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The engine of this machine: the one that `DOCKER_HOST` names, or else the first of Docker's and Podman's usual sockets
 * that is there. Undefined when there is none.
 */
export function findEngineAddress(environment: Environment): EngineAddress | undefined {
  const wanted = environment["DOCKER_HOST"];
  if (wanted === undefined || wanted === "") return usualPlaces(environment).filter(isThere).map(onSocket)[0];
  const path = /^(?:unix|npipe):\/\/(.+)$/.exec(wanted)?.[1];
  if (path === undefined)
    return /^(tcp|https?):\/\//.test(wanted) ? { socketPath: undefined, name: wanted } : undefined;
  return isThere(path) ? onSocket(path) : undefined;
}

function usualPlaces({ XDG_RUNTIME_DIR: runtime }: Environment): string[] {
  if (process.platform === "win32") return ["//./pipe/docker_engine", "//./pipe/podman-machine-default"];
  return [
    "/var/run/docker.sock",
    join(homedir(), ".docker/run/docker.sock"),
    "/run/podman/podman.sock",
    ...(runtime === undefined ? [] : [join(runtime, "docker.sock"), join(runtime, "podman/podman.sock")]),
  ];
}

function onSocket(path: string): EngineAddress {
  return { socketPath: path, name: path };
}

function isThere(path: string): boolean {
  if (process.platform === "win32") return existsSync(path);
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
