import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { NodeMethod, NodeMethods } from "../../core/nodes/nodeMethods.ts";
import { readDockerResult } from "./dockerResult.ts";
import type { AgentMessage, CoreMessage } from "./messages.ts";

interface Pending {
  readonly method: NodeMethod;
  readonly timer: Disposable;
  resolve(result: unknown): void;
  reject(error: PicketError): void;
}

export interface DockerRequestsOptions {
  readonly clock: Clock;
  send(message: CoreMessage<"docker_command">): void;
}

/** The protocol has no deadline of its own: the core's. */
const answerTimeout = 30_000;
const maxPending = 64;

/** What the core asks an agent about its containers, as `docker_command` and `docker_response`. */
export class DockerRequests {
  readonly #options: DockerRequestsOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: DockerRequestsOptions) {
    this.#options = options;
  }

  /** @throws {PicketError} as `NodeLink.ask` does */
  ask<M extends NodeMethod>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]> {
    const question = questionOf(method, params);
    if (question === undefined) return Promise.reject(new PicketError("UNSUPPORTED", { details: method }));
    if (this.#pending.size >= maxPending) return Promise.reject(new PicketError("RATE_LIMITED"));
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.schedule(answerTimeout, () =>
        this.#settle(id)?.reject(new PicketError("TIMEOUT")),
      );
      // What comes back was read by the method's own schema.
      this.#pending.set(id, { method, timer, resolve: resolve as (result: unknown) => void, reject });
      this.#options.send({ type: "docker_command", command_id: id, ...question });
    });
  }

  /** An answer. One that nobody waits for, any more, is no fault. */
  answered({ command_id: id, success, message, data }: AgentMessage<"docker_response">): void {
    const pending = this.#settle(id);
    if (pending === undefined) return;
    const words = (message ?? "").slice(0, 512);
    if (!success) {
      pending.reject(new PicketError("CONTAINER_ENGINE_FAILED", words === "" ? {} : { details: words }));
      return;
    }
    const result = readDockerResult(pending.method, { message: words, data });
    if (result === undefined) {
      pending.reject(new PicketError("INVALID_MESSAGE", { details: "the agent answered without the data" }));
    } else pending.resolve(result);
  }

  /** The connection is gone. */
  lost(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new PicketError("PEER_LOST"));
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }
}

type Question = Omit<CoreMessage<"docker_command">, "type" | "command_id">;

/** The same question in this protocol's words; undefined when it has none for it. */
function questionOf(method: NodeMethod, params: NodeMethods[NodeMethod]["params"]): Question | undefined {
  const { container = "", action, tail } = params as { container?: string; action?: string; tail?: number };
  switch (method) {
    case "container-list":
      return { action: "list", container_id: "" };
    case "container-inspect":
      return { action: "inspect", container_id: container };
    case "container-stats":
      return { action: "stats", container_id: container };
    case "container-logs":
      return { action: "logs", container_id: container, tail };
    case "container-action":
      return action === undefined ? undefined : { action, container_id: container };
    default:
      return undefined;
  }
}
