import { Readable } from "node:stream";
import type {
  Container,
  ContainerAction,
  ContainerEngine,
  ContainerEvent,
  ContainerList,
  ContainerStats,
  ContainerWatcher,
} from "../../src-main/agent/containers/containerEngine.ts";
import type { LogSpec } from "../../src-main/agent/containers/logSource.ts";
import { LogSource } from "../../src-main/agent/containers/logSource.ts";
import { type Disposable, toDisposable } from "../../src-main/base/disposable.ts";
import { PicketError } from "../../src-main/base/errors.ts";

/** An engine without containers of its own: it has the ones that a test gives it, and keeps what it is asked. */
export class ScriptedEngine implements ContainerEngine {
  readonly containers: Container[];
  readonly acts: { readonly container: string; readonly action: ContainerAction }[] = [];
  /** What a container prints. */
  output: () => Readable = () => Readable.from([]);
  readonly #watchers = new Set<ContainerWatcher>();

  constructor(names: readonly string[]) {
    this.containers = names.map((name) => ({
      id: `id-of-${name}`,
      name,
      image: "image",
      state: "running",
      status: "Up",
      created: 0,
      ports: [],
    }));
  }

  async list(): Promise<ContainerList> {
    return { engine: { name: "Docker", version: "1" }, containers: [...this.containers] };
  }

  async inspect(container: string): Promise<Record<string, unknown>> {
    const { id, name } = this.#find(container);
    return { Id: id, Name: `/${name}` };
  }

  async act(container: string, action: ContainerAction): Promise<string> {
    this.#find(container);
    this.acts.push({ container, action });
    return `${container} was asked to ${action}`;
  }

  async stats(container: string): Promise<ContainerStats> {
    this.#find(container);
    const none = { rx: null, tx: null };
    return {
      time: 0,
      cpu: 1,
      memory: { used: 1, limit: null },
      network: none,
      disk: { read: null, write: null },
      processes: 1,
    };
  }

  async logs(container: string): Promise<string> {
    this.#find(container);
    return "printed";
  }

  async openLogs(spec: LogSpec): Promise<LogSource> {
    this.#find(spec.container);
    return new LogSource({ ...spec, isTerminal: true, open: async () => this.output() });
  }

  exec(): Promise<never> {
    return Promise.reject(new PicketError("UNSUPPORTED"));
  }

  watch(watcher: ContainerWatcher): Disposable {
    this.#watchers.add(watcher);
    return toDisposable(() => this.#watchers.delete(watcher));
  }

  /** Says that the list has changed. */
  async changed(): Promise<void> {
    const list = await this.list();
    for (const watcher of this.#watchers) watcher.changed(list);
  }

  happened(event: ContainerEvent): void {
    for (const watcher of this.#watchers) watcher.happened(event);
  }

  #find(container: string): Container {
    const found = this.containers.find(({ id, name }) => id === container || name === container);
    if (found === undefined) throw new PicketError("CONTAINER_NOT_FOUND");
    return found;
  }
}
