import { randomBytes } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import type Docker from "dockerode";
import { type Clock, sleep } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type {
  ContainerAction,
  ContainerEngine,
  ContainerList,
  ContainerStats,
  ContainerWatcher,
} from "./containerEngine.ts";
import { ContainerExec, type ExecSpec } from "./containerExec.ts";
import { type EngineAddress, findEngineAddress } from "./engineAddress.ts";
import { engineFailure, isAlreadySo } from "./engineFailure.ts";
import { readContainers, readDetails, readStats, readVersion } from "./engineMessages.ts";
import { EngineWatch } from "./engineWatch.ts";
import { fitList, fitRecord } from "./fitMessage.ts";
import { LogSource, type LogSpec } from "./logSource.ts";
import { LogTail } from "./logTail.ts";
import { currentCpu, earlierCpu, statsOf } from "./statsOf.ts";

export interface DockerEngineOptions {
  /** Where `DOCKER_HOST` and the folder of the user's sockets are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Below the 30 s that a core waits: the answer should say what was slow. */
const deadline = 25_000;
/** Seconds that a container gets to stop by itself. */
const stopTime = 10;
/** Between two looks at a container's processor time, where the engine gives only one. */
const cpuSpan = 500;
/** Also Podman reads it, and also a name that is a number. */
const reference = /^[a-zA-Z0-9][\w.-]{0,254}$/;
/** The best shell that a container has. */
const anyShell = "command -v bash >/dev/null 2>&1 && exec bash || exec sh";

const done: Readonly<Record<ContainerAction, string>> = {
  start: "started",
  stop: "stopped",
  restart: "restarted",
  pause: "paused",
  unpause: "unpaused",
  kill: "killed",
  remove: "removed",
};

/** Docker or Podman by its socket. Its client is loaded when there is an engine for the first time. */
export class DockerEngine implements ContainerEngine {
  readonly #options: DockerEngineOptions;
  readonly #watchers = new Set<ContainerWatcher>();
  #watch: EngineWatch | undefined;
  #client: { readonly name: string; readonly docker: Docker; readonly isLocal: boolean } | undefined;

  constructor(options: DockerEngineOptions) {
    this.#options = options;
  }

  async list(): Promise<ContainerList> {
    if (this.#address() === undefined) return { engine: null, containers: [] };
    return this.#call(async (docker, abortSignal) => {
      const [version, containers] = await Promise.all([
        docker.version(),
        docker.listContainers({ all: true, abortSignal }),
      ]);
      const known = readVersion(version);
      const podman = known?.Components.some(({ Name }) => Name.includes("Podman")) === true;
      const engine = { name: podman ? "Podman" : "Docker", version: known?.Version.slice(0, 64) ?? "" };
      return fitList({ engine, containers: readContainers(containers) });
    });
  }

  inspect(container: string): Promise<Record<string, unknown>> {
    return this.#call(async (docker, abortSignal) => {
      const details: unknown = await docker.getContainer(referenced(container)).inspect({ abortSignal });
      return fitRecord(details);
    });
  }

  act(container: string, action: ContainerAction): Promise<string> {
    return this.#call(async (docker, abortSignal) => {
      const one = docker.getContainer(referenced(container));
      try {
        if (action === "remove") await one.remove({ force: true, abortSignal });
        else if (action === "stop" || action === "restart") await one[action]({ t: stopTime, abortSignal });
        else await one[action]({ abortSignal });
      } catch (error) {
        if (!isAlreadySo(error)) throw error;
        return `${container} was ${done[action]} already`;
      }
      return `${container} was ${done[action]}`;
    });
  }

  stats(container: string): Promise<ContainerStats> {
    return this.#call(async (docker, abortSignal) => {
      const one = docker.getContainer(referenced(container));
      const look = async () => {
        const stats = readStats(await one.stats({ stream: false, abortSignal } as { stream: false }));
        if (stats === undefined) throw new PicketError("CONTAINER_ENGINE_FAILED", { details: "no numbers" });
        return stats;
      };
      const first = await look();
      const before = earlierCpu(first);
      if (before !== undefined || currentCpu(first) === undefined) return statsOf(first, before);
      await sleep(this.#options.clock, cpuSpan);
      return statsOf(await look(), currentCpu(first));
    });
  }

  async logs(container: string, tail: number): Promise<string> {
    const end = Promise.withResolvers<void>();
    const kept = new LogTail();
    const source = await this.openLogs({
      container,
      tail,
      follow: false,
      onData: (bytes) => kept.append(bytes),
      onEnd: () => end.resolve(),
    });
    const timer = this.#options.clock.schedule(deadline, () => {
      source.close();
      end.reject(new PicketError("TIMEOUT", { details: "the container engine does not answer" }));
    });
    try {
      await end.promise;
      return kept.text();
    } finally {
      timer.dispose();
    }
  }

  openLogs(spec: LogSpec): Promise<LogSource> {
    const { container, follow, tail, since } = spec;
    return this.#call(async (docker, abortSignal) => {
      const one = docker.getContainer(referenced(container));
      const details = readDetails(await one.inspect({ abortSignal }));
      // As a stream also when it is not followed: how long the lines are nobody knows.
      const options = {
        stdout: true,
        stderr: true,
        follow,
        tail,
        ...(since === undefined ? {} : { since: Math.floor(since / 1000) }),
      };
      const path = `/containers/${details?.Id ?? container}/logs?`;
      return new LogSource({
        ...spec,
        isTerminal: details?.Config.Tty === true,
        open: (signal) => openStream(docker, { path, options: { ...options }, abortSignal: signal }),
      });
    });
  }

  exec(spec: ExecSpec): Promise<ContainerExec> {
    return this.#call(async (docker, abortSignal) => {
      const mark = `PICKET_TERMINAL=${randomBytes(16).toString("hex")}`;
      const exec = await docker.getContainer(referenced(spec.container)).exec({
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
        Env: ["TERM=xterm-256color", mark],
        Cmd: ["/bin/sh", "-c", spec.command ?? anyShell],
        abortSignal,
      });
      const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: true, abortSignal });
      const { clock } = this.#options;
      return new ContainerExec({ ...spec, exec, stream, clock, mark, isLocal: this.#client?.isLocal === true });
    });
  }

  watch(watcher: ContainerWatcher): Disposable {
    this.#watchers.add(watcher);
    const known = this.#watch?.latest;
    if (known !== undefined) watcher.changed(known);
    this.#watch ??= this.#startWatch();
    return toDisposable(() => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      this.#watch?.dispose();
      this.#watch = undefined;
    });
  }

  #startWatch(): EngineWatch {
    const { clock, logger } = this.#options;
    return new EngineWatch({
      clock,
      logger,
      list: () => this.list(),
      openEvents: () =>
        this.#call(async (docker, abortSignal) => {
          const options = { filters: { type: ["container"] } };
          return openStream(docker, { path: "/events?", options, abortSignal });
        }),
      isThere: () => this.#address() !== undefined,
      changed: (list) => {
        for (const watcher of this.#watchers) watcher.changed(list);
      },
      happened: (event) => {
        for (const watcher of this.#watchers) watcher.happened(event);
      },
    });
  }

  #address(): EngineAddress | undefined {
    return findEngineAddress(this.#options.environment);
  }

  /** Asks the engine within the deadline, in the table's errors. */
  async #call<T>(run: (docker: Docker, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const address = this.#address();
    if (address === undefined) throw new PicketError("CONTAINER_ENGINE_MISSING");
    const docker = await this.#connect(address);
    const abort = new AbortController();
    const timedOut = Promise.withResolvers<never>();
    const timer = this.#options.clock.schedule(deadline, () => {
      abort.abort();
      timedOut.reject(new PicketError("TIMEOUT", { details: "the container engine does not answer" }));
    });
    try {
      return await Promise.race([run(docker, abort.signal), timedOut.promise]);
    } catch (error) {
      throw engineFailure(error, address.name);
    } finally {
      timer.dispose();
    }
  }

  async #connect({ name, socketPath }: EngineAddress): Promise<Docker> {
    if (this.#client?.name === name) return this.#client.docker;
    const { default: Client } = await import("dockerode");
    // Undefined fields keep the client from what its own reading of the environment says.
    const docker =
      socketPath === undefined ? new Client() : new Client({ socketPath, host: undefined, protocol: "http" } as object);
    this.#client = { name, docker, isLocal: socketPath !== undefined };
    return docker;
  }
}

/** A name that is none must not become a path of the engine's. */
function referenced(container: string): string {
  if (!reference.test(container)) throw new PicketError("CONTAINER_NOT_FOUND", { details: container.slice(0, 128) });
  return container;
}

interface StreamAddress {
  readonly path: string;
  readonly options: object;
  readonly abortSignal: AbortSignal;
}

function openStream(docker: Docker, address: StreamAddress): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const statusCodes = { 200: true, 404: "no such container", 500: "server error" };
    docker.modem.dial({ ...address, method: "GET", isStream: true, statusCodes }, (error: unknown, stream: unknown) => {
      if (error === null || error === undefined) resolve(stream as Readable);
      else reject(error);
    });
  });
}
