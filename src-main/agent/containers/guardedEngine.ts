import type { Disposable } from "../../base/disposable.ts";
import { allowsContainer, type Policy } from "../policy/policy.ts";
import type {
  ContainerAction,
  ContainerEngine,
  ContainerList,
  ContainerStats,
  ContainerWatcher,
} from "./containerEngine.ts";
import type { ContainerExec, ExecSpec } from "./containerExec.ts";
import { plainName } from "./engineMessages.ts";
import type { LogSource, LogSpec } from "./logSource.ts";

/** An engine as far as the owner of this machine allows it: what is not allowed is not even listed. */
export class GuardedEngine implements ContainerEngine {
  readonly #engine: ContainerEngine;
  readonly #policy: Policy;

  constructor(engine: ContainerEngine, policy: Policy) {
    this.#engine = engine;
    this.#policy = policy;
  }

  async list(): Promise<ContainerList> {
    await this.#policy.require("containers");
    return this.#visible(await this.#engine.list());
  }

  async inspect(container: string): Promise<Record<string, unknown>> {
    const { details } = await this.#require(container);
    return details;
  }

  async act(container: string, action: ContainerAction): Promise<string> {
    const { id } = await this.#require(container);
    const said = await this.#engine.act(id, action);
    return said.replace(id, container);
  }

  async stats(container: string): Promise<ContainerStats> {
    const { id } = await this.#require(container);
    return this.#engine.stats(id);
  }

  async logs(container: string, tail: number): Promise<string> {
    const { id } = await this.#require(container);
    return this.#engine.logs(id, tail);
  }

  async openLogs(spec: LogSpec): Promise<LogSource> {
    const { id } = await this.#require(spec.container);
    return this.#engine.openLogs({ ...spec, container: id });
  }

  async exec(spec: ExecSpec): Promise<ContainerExec> {
    await this.#policy.require("terminal");
    const { id } = await this.#require(spec.container);
    return this.#engine.exec({ ...spec, container: id });
  }

  watch(watcher: ContainerWatcher): Disposable {
    let turn = Promise.resolve();
    let over = false;
    const inTurn = (step: () => Promise<void>): void => {
      turn = turn.then(() => (over ? undefined : step()));
    };
    const watch = this.#engine.watch({
      changed: (list) =>
        inTurn(async () => {
          const visible = await this.#visible(list);
          if (!over) watcher.changed(visible);
        }),
      happened: (event) =>
        inTurn(async () => {
          const rules = await this.#policy.rules();
          const allowed = rules.capabilities.has("containers") && allowsContainer(rules, event.container.name);
          if (allowed && !over) watcher.happened(event);
        }),
    });
    return {
      dispose: () => {
        over = true;
        watch.dispose();
      },
    };
  }

  /** Names change hands: what is checked here is acted on by its id. */
  async #require(container: string): Promise<{ readonly id: string; readonly details: Record<string, unknown> }> {
    await this.#policy.require("containers");
    const details = await this.#engine.inspect(container);
    const { Id: id, Name: name } = details;
    await this.#policy.requireContainer(typeof name === "string" ? plainName(name) : "");
    return { id: typeof id === "string" ? id : container, details };
  }

  async #visible(list: ContainerList): Promise<ContainerList> {
    const rules = await this.#policy.rules();
    if (!rules.capabilities.has("containers")) return { engine: null, containers: [] };
    return { ...list, containers: list.containers.filter(({ name }) => allowsContainer(rules, name)) };
  }
}
