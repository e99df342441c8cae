import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { type ErrorCode, isErrorCode, PicketError } from "../../base/errors.ts";
import type { NodeMethod, NodeMethods } from "../../core/nodes/nodeMethods.ts";
import { parseNodeResult } from "./messages/methods.ts";
import type { CoreMessageData, NodeMessageData } from "./messages.ts";

export interface NodeRequestsOptions {
  readonly clock: Clock;
  send(id: string, data: CoreMessageData<"node_request">): void;
}

interface Pending {
  readonly timer: Disposable;
  resolve(result: unknown): void;
  reject(error: PicketError): void;
}

const answerTimeout = 30_000;
/** A node that answers nothing must not make the core remember without end what it was asked. */
const maxPending = 64;

/** What the core has asked one node and waits for. */
export class NodeRequests {
  readonly #options: NodeRequestsOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: NodeRequestsOptions) {
    this.#options = options;
  }

  /** @throws {PicketError} the node's own code, `TIMEOUT`, `PEER_LOST`, `RATE_LIMITED`, `INVALID_MESSAGE` */
  async ask<M extends NodeMethod>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]> {
    const answer = await this.#request(method, params);
    const parsed = parseNodeResult(method, answer);
    if (parsed.ok) return parsed.value;
    throw new PicketError("INVALID_MESSAGE", { message: "The node's answer is not valid.", details: parsed.error });
  }

  /** Takes an answer. One that nobody waits for any more came too late. */
  response(id: string, { result }: NodeMessageData<"node_response">): void {
    this.#settle(id)?.resolve(result);
  }

  /** Takes an error of the node; false when it is about something else. */
  error(id: string, data: NodeMessageData<"error">): boolean {
    const pending = this.#settle(id);
    if (pending === undefined) return false;
    const code: ErrorCode = isErrorCode(data.error_code) ? data.error_code : "INTERNAL_ERROR";
    const details = typeof data.details === "string" && data.details !== "" ? data.details : undefined;
    pending.reject(new PicketError(code, details === undefined ? {} : { details: details.slice(0, 2048) }));
    return true;
  }

  /** The connection is gone. */
  lost(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new PicketError("PEER_LOST"));
  }

  #request(method: string, params: object): Promise<unknown> {
    if (this.#pending.size >= maxPending) return Promise.reject(new PicketError("RATE_LIMITED"));
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.schedule(answerTimeout, () => {
        this.#settle(id)?.reject(new PicketError("TIMEOUT", { details: "the node did not answer" }));
      });
      this.#pending.set(id, { timer, resolve, reject });
      this.#options.send(id, { method, params: { ...params } });
    });
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }
}
