import type { Disposable } from "../../base/disposable.ts";
import { describeError, toPicketError } from "../../base/errors.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import { type LineMessage, MessageLine } from "../../wire/messageLine.ts";
import { answerOf, envelope } from "./answerOf.ts";
import { dispatch } from "./dispatch.ts";
import { type LockdownPush, parseRequest, type Response } from "./messages.ts";
import type { RequestSession } from "./requests/handler.ts";
import type { DocumentsServices } from "./server.ts";
import type { TransferLink } from "./transferLink.ts";

/** The core's side of one connection: one request at a time, answered in the order in which they came. */
export class DocumentsSession implements RequestSession {
  readonly #connection: Connection;
  readonly #services: DocumentsServices;
  readonly #line: MessageLine;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #listening = false;
  /** A request is being answered, or a transfer has the connection. */
  #busy = false;
  /** What listeners are told waits until the answer is out. */
  #pushes: LockdownPush[] = [];
  #afterAnswer: (() => void)[] = [];

  constructor(connection: Connection, services: DocumentsServices) {
    this.#connection = connection;
    this.#services = services;
    this.#line = new MessageLine(connection, services.core.clock);
  }

  /** What the connection's messages go to. */
  get handler(): ConnectionHandler {
    return this.#line;
  }

  get address(): string {
    return this.#connection.peer.address;
  }

  /** Answers until the connection is gone; what was begun then is finished first. */
  async run(): Promise<void> {
    try {
      for (;;) await this.#serve(await this.#line.next());
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (error.code === "PEER_LOST") return;
      this.#services.logger.error("a documents connection failed", { error: describeError(thrown) });
      this.#connection.close(closeCode.internalError, "internal error");
    }
  }

  /** Tells a listener; anybody else hears nothing. */
  push(push: LockdownPush): void {
    if (!this.#listening) return;
    this.#pushes.push(push);
    if (!this.#busy) this.#flushPushes();
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  listen(): void {
    this.#listening = true;
  }

  delay(milliseconds: number): Promise<void> {
    const { signal } = this.#line;
    return new Promise((resolve) => {
      let timer: Disposable | undefined;
      const end = (): void => {
        timer?.dispose();
        signal.removeEventListener("abort", end);
        resolve();
      };
      if (signal.aborted) return resolve();
      timer = this.#services.core.clock.schedule(milliseconds, end);
      signal.addEventListener("abort", end);
    });
  }

  afterAnswer(task: () => void): void {
    this.#afterAnswer.push(task);
  }

  takeOver(): TransferLink {
    return this.#line;
  }

  async #serve(message: LineMessage): Promise<void> {
    this.#busy = true;
    const response = await this.#answer(message);
    if (response !== undefined) this.#send(response);
    try {
      // Whoever does not read its answers gets no more of them, and its requests wait.
      await this.#line.writable();
    } finally {
      // Also when the peer did not wait for the answer: what it asked for was granted.
      for (const task of this.#afterAnswer.splice(0)) task();
    }
    this.#busy = false;
    this.#flushPushes();
  }

  async #answer(message: LineMessage): Promise<Response | undefined> {
    const { core, trace } = this.#services;
    const parsed = parseRequest(this.#textOf(message));
    if (!parsed.ok) return envelope({ code: 400, ...parsed.error }, core.clock.wallTime());
    try {
      trace?.("<-", parsed.value);
      const answer = await dispatch(parsed.value, { ...this.#services, session: this });
      return answer === undefined ? undefined : envelope(answer, core.clock.wallTime());
    } catch (thrown) {
      // The audit log could not be written, or the identity not be looked up.
      this.#services.logger.error("a request failed", {
        action: parsed.value.action.slice(0, 64),
        error: describeError(thrown),
      });
      return envelope(answerOf(undefined), core.clock.wallTime());
    }
  }

  /** Requests come in text and in binary frames alike; what is no UTF-8 is no JSON either. */
  #textOf(message: LineMessage): string {
    if (message.kind === "text") return message.text;
    try {
      return this.#decoder.decode(message.bytes);
    } catch {
      return "";
    }
  }

  #flushPushes(): void {
    for (const push of this.#pushes.splice(0)) this.#send(push);
  }

  #send(message: Response | LockdownPush): void {
    this.#services.trace?.("->", message);
    this.#line.sendText(JSON.stringify(message));
  }
}
