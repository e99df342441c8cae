import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { Emitter } from "../../../base/emitter.ts";
import { PicketError } from "../../../base/errors.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../../wire/connection.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../../wire/reconnectingClient.ts";
import { parseServerMessage, type ServerAnswer } from "../messages/serverMessage.ts";

export interface RequestConnectionOptions {
  readonly dial: (attach: Attach) => Promise<Connection>;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** A request as it goes over the wire. */
export interface RequestEnvelope {
  readonly action: string;
  readonly data: unknown;
  readonly username: string;
  readonly token: string;
}

interface Pending {
  readonly envelope: RequestEnvelope;
  readonly timer: Disposable;
  /** Asked by this class itself, anew on every connection. */
  readonly isOwn?: true;
  resolve(answer: ServerAnswer): void;
  reject(error: PicketError): void;
}

/** A server that said nothing for this long is asked whether it is there: a browser sees no ping frames. */
const heartbeatInterval = 30_000;
const heartbeatTimeout = 10_000;

/**
 * The one connection for requests. Answers carry no id, so one thing is asked at a time and the others wait for their
 * turn. It is made anew when it is lost; what was asked then is not asked again, for nobody knows whether it was done.
 */
export class RequestConnection implements Disposable {
  readonly #options: RequestConnectionOptions;
  readonly #client: ReconnectingClient;
  readonly #lockdowns = new Emitter<boolean>();
  readonly #decoder = new TextDecoder();
  readonly #heartbeat: Disposable;
  #waiting: Pending[] = [];
  #asked: Pending | undefined;
  #listens = false;
  /** The connection answered something: losing it is worth one attempt at once. */
  #isProven = false;
  #isDisposed = false;
  #heardAt: number;

  constructor(options: RequestConnectionOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#heardAt = clock.monotonicTime();
    this.#client = new ReconnectingClient({
      dial: options.dial,
      attach: (connection) => this.#attach(connection),
      clock,
      ...(random === undefined ? {} : { random }),
    });
    this.#client.onState((state) => this.#onState(state));
    this.#heartbeat = clock.repeat(heartbeatInterval, () => this.#checkLiveness());
  }

  get state(): ClientState {
    return this.#client.state;
  }

  onState(listener: (state: ClientState) => void): Disposable {
    return this.#client.onState(listener);
  }

  /** The server says it, or says how it stands. From here on every new connection asks. */
  onLockdown(listener: (active: boolean) => void): Disposable {
    const subscription = this.#lockdowns.subscribe(listener);
    if (!this.#listens) {
      this.#listens = true;
      if (this.#client.connection !== undefined) this.#listen();
    }
    return subscription;
  }

  start(): void {
    this.#client.start();
  }

  retryNow(): void {
    this.#client.retryNow();
  }

  /**
   * Resolves with the server's answer, whatever its code.
   *
   * @throws {PicketError} `TIMEOUT`; `PEER_LOST` when there is no connection or it was lost meanwhile
   */
  ask(envelope: RequestEnvelope, timeout: number): Promise<ServerAnswer> {
    if (this.#isDisposed) return Promise.reject(new PicketError("PEER_LOST"));
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.schedule(timeout, () => this.#tooLate(pending));
      const pending: Pending = { envelope, timer, resolve, reject };
      this.#waiting.push(pending);
      this.#client.start();
      this.#client.retryNow();
      this.#askNext();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#heartbeat.dispose();
    this.#client.stop("closed", closeCode.normal);
    this.#rejectAll("closed");
  }

  #attach(connection: Connection): ConnectionHandler {
    this.#heardAt = this.#options.clock.monotonicTime();
    return {
      text: (message) => this.#onMessage(message),
      // There are servers that tell listeners in binary frames.
      binary: (bytes) => this.#onMessage(this.#decoder.decode(bytes)),
      drained: () => {},
      closed: () => {
        // A connection that was replaced meanwhile has nothing of ours.
        if (this.#client.connection !== undefined && this.#client.connection !== connection) return;
        this.#settle()?.reject(new PicketError("PEER_LOST"));
      },
    };
  }

  #onState(state: ClientState): void {
    if (state.status === "connected") {
      if (this.#listens) this.#listen();
      // The handler is attached in this turn; what is sent before is answered to nobody.
      queueMicrotask(() => this.#askNext());
    } else if (state.status === "waiting") {
      const isWorthIt = this.#isProven && this.#waiting.length > 0;
      this.#isProven = false;
      for (const { timer, isOwn } of this.#waiting) if (isOwn === true) timer.dispose();
      this.#waiting = this.#waiting.filter(({ isOwn }) => isOwn !== true);
      if (isWorthIt) queueMicrotask(() => this.#client.retryNow());
      else this.#rejectAll(state.reason);
    }
  }

  /** Before everything else that waits, and again on every connection: the server forgets who listened. */
  #listen(): void {
    for (const action of ["server_info", "register_listener"]) {
      const timer = this.#options.clock.schedule(heartbeatTimeout, () => this.#tooLate(pending));
      const pending: Pending = { envelope: open(action), timer, isOwn: true, resolve: ignore, reject: ignore };
      this.#waiting.unshift(pending);
    }
    queueMicrotask(() => this.#askNext());
  }

  #askNext(): void {
    const { connection } = this.#client;
    if (this.#asked !== undefined || connection === undefined || !connection.isOpen) return;
    this.#asked = this.#waiting.shift();
    if (this.#asked === undefined) return;
    const { envelope } = this.#asked;
    this.#options.trace?.("->", envelope);
    connection.sendText(JSON.stringify(envelope));
  }

  #onMessage(text: string): void {
    this.#heardAt = this.#options.clock.monotonicTime();
    const message = parseServerMessage(text);
    if (message === undefined) return;
    this.#options.trace?.("<-", message.kind === "answer" ? message.answer : message);
    if (message.kind === "lockdown") {
      this.#lockdowns.emit(message.active);
      return;
    }
    const asked = this.#settle();
    if (asked === undefined) return;
    this.#client.accepted();
    this.#isProven = true;
    if (asked.envelope.action === "server_info" && typeof message.answer.data["lockdown"] === "boolean") {
      this.#lockdowns.emit(message.answer.data["lockdown"]);
    }
    asked.resolve(message.answer);
    this.#askNext();
  }

  #checkLiveness(): void {
    if (this.#client.connection === undefined || this.#asked !== undefined) return;
    if (this.#options.clock.monotonicTime() - this.#heardAt < heartbeatInterval - 1_000) return;
    this.ask(open("server_info"), heartbeatTimeout).catch(() => {});
  }

  #tooLate(pending: Pending): void {
    pending.reject(new PicketError("TIMEOUT"));
    if (pending !== this.#asked) {
      this.#waiting = this.#waiting.filter((one) => one !== pending);
      return;
    }
    this.#asked = undefined;
    // Its answer may still come, and would be taken for the next one's.
    this.#client.connection?.terminate();
  }

  #settle(): Pending | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.timer.dispose();
    return asked;
  }

  #rejectAll(reason: string): void {
    const lost = new PicketError("PEER_LOST", { details: reason });
    this.#settle()?.reject(lost);
    for (const pending of this.#waiting.splice(0)) {
      pending.timer.dispose();
      pending.reject(lost);
    }
  }
}

function open(action: string): RequestEnvelope {
  return { action, data: {}, username: "", token: "" };
}

function ignore(): void {}
