import { randomUUID } from "node:crypto";
import { errorTable, PicketError } from "../../base/errors.ts";
import { type Connection, closeCode } from "../../wire/connection.ts";
import { FaultCounter } from "../faultCounter.ts";
import { type CoreMessageData, type CoreToNode, encodeMessage, type MessageFault } from "./messages.ts";
import type { NodesServices } from "./server.ts";

/** What the core says to one node. */
export class NodeOutbox {
  readonly #connection: Connection;
  readonly #services: NodesServices;
  #faults: FaultCounter | undefined;

  constructor(connection: Connection, services: NodesServices) {
    this.#connection = connection;
    this.#services = services;
  }

  send<T extends CoreToNode["type"]>(type: T, id: string, data: CoreMessageData<T>): void {
    const message = { type, id, timestamp: this.#services.now(), data };
    this.#services.trace?.("->", message);
    this.#connection.sendText(encodeMessage(message));
  }

  /** Says something that answers nothing. */
  tell<T extends CoreToNode["type"]>(type: T, data: CoreMessageData<T>): void {
    this.send(type, randomUUID(), data);
  }

  error(id: string, error: PicketError): void {
    const details = error.details ?? errorTable[error.code].remedy;
    this.send("error", id, { error_code: error.code, message: error.message, details });
  }

  /** Answers a message that should not have been sent, and closes when there were too many. */
  fault(fault: MessageFault): void {
    const unknown = fault.code === "UNKNOWN_MESSAGE_TYPE";
    this.error(
      fault.id ?? randomUUID(),
      new PicketError(fault.code, {
        details: fault.details,
        ...(unknown ? { message: `unknown message type: ${fault.type?.slice(0, 64)}` } : {}),
      }),
    );
    this.#faults ??= new FaultCounter(this.#services.clock);
    if (this.#faults.add()) this.#connection.close(closeCode.policyViolation, "too many malformed messages");
  }

  /** This node may not come in. */
  refuse(): void {
    this.error(randomUUID(), new PicketError("INVALID_TOKEN"));
    this.#connection.close(closeCode.policyViolation, "invalid token");
  }
}
