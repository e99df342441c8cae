import type { Disposable } from "../../base/disposable.ts";
import { errorTable, PicketError, toPicketError } from "../../base/errors.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { type Connection, type ConnectionHandler, closeCode, ownPeerTimes, wireLimits } from "../../wire/connection.ts";
import { FaultCounter } from "../faultCounter.ts";
import { ConsoleStreams } from "./consoleStreams.ts";
import { dispatch } from "./dispatch.ts";
import {
  type ClientMessage,
  isChannelType,
  isRequestType,
  type ParamsOf,
  type PushData,
  type PushType,
  parseChannelMessage,
  parseEnvelope,
} from "./messages.ts";
import type { RequestSession } from "./requests/handler.ts";
import type { MachinesServices } from "./server.ts";
import { SessionTasks } from "./sessionTasks.ts";
import { Subscriptions } from "./subscriptions.ts";
import { TextTerminals } from "./textTerminals.ts";

/** A connection without a token in its address gets this long to send `auth`. */
const authTimeout = 10_000;
const malformedInARow = 10;
/** With so many requests under way, the console's further ones wait in its own socket. */
const maxRequests = 64;
/** What the core can do for a console that says hello. */
const capabilities = ["channels"] as const;

/** The core's side of one console's connection: docs/protocols/machines.md. */
export class ConsoleSession implements ConnectionHandler, RequestSession {
  readonly #connection: Connection;
  readonly #services: MachinesServices;
  readonly #subscriptions: Subscriptions;
  readonly #terminals: TextTerminals;
  readonly #tasks = new SessionTasks();
  #principal: Principal | undefined;
  #streams: ConsoleStreams | undefined;
  /** The wait for `auth`, then the end of the access token. */
  #timer: Disposable | undefined;
  #faults: FaultCounter | undefined;
  #faultsInARow = 0;
  #requests = 0;
  /** While a token is checked, what comes waits for it. */
  #authenticating: Promise<void> | undefined;

  constructor(connection: Connection, services: MachinesServices) {
    this.#connection = connection;
    this.#services = services;
    const shared = {
      core: services.core,
      principal: () => this.#require(),
      hasRoom: () => connection.bufferedBytes < wireLimits.bulkBufferedBytes,
      push: <T extends PushType>(type: T, data: PushData<T>) => this.push(type, data),
    };
    this.#subscriptions = new Subscriptions(shared);
    this.#terminals = new TextTerminals({ ...shared, notifyDrained: () => connection.notifyDrained() });
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  /** Starts with a token of the address, with a principal that is known already, or waits for `auth`. */
  start(by: { readonly token: string | undefined; readonly principal: Principal | undefined }): void {
    if (by.principal !== undefined) {
      this.#principal = by.principal;
    } else if (by.token !== undefined) {
      this.#authenticating = this.authenticate(by.token)
        .catch((error: unknown) => this.#refuse(undefined, toPicketError(error)))
        .finally(() => {
          this.#authenticating = undefined;
        });
    } else {
      this.#timer = this.#services.core.clock.schedule(authTimeout, () => {
        this.#connection.close(closeCode.policyViolation, "no auth message");
      });
    }
  }

  text(message: string): void {
    // What still comes while it is being closed is nobody's business any more.
    if (!this.#connection.isOpen) return;
    const parsed = parseEnvelope(message);
    if (!parsed.ok) {
      this.#fault(new PicketError("INVALID_MESSAGE", { details: parsed.error.details }), parsed.error.id);
      return;
    }
    this.#services.trace?.("<-", parsed.value);
    if (this.#authenticating === undefined) this.#receive(parsed.value);
    else void this.#authenticating.then(() => this.#receive(parsed.value));
  }

  binary(bytes: Uint8Array): void {
    if (!this.#connection.isOpen) return;
    if (this.#streams === undefined) {
      this.#fault(new PicketError("INVALID_MESSAGE", { details: "a binary frame without hello" }), undefined);
    } else if (!this.#streams.mux.binary(bytes)) {
      this.#connection.close(closeCode.protocolError, "malformed frame");
    }
  }

  drained(): void {
    this.#streams?.mux.drained();
    this.#terminals.drained();
  }

  closed(): void {
    this.#endEverything();
    this.#services.forget(this);
  }

  /** Sends what the console did not ask for. */
  push<T extends PushType>(type: T, data: PushData<T>): void {
    this.#send({ type, data });
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  /** The user's role, groups or session changed: look again who this is. */
  async refresh(): Promise<void> {
    const { core } = this.#services;
    const principal = this.#principal;
    if (principal?.sessionId === undefined) return;
    const now = await core.sessions.principalOfSession(principal.sessionId);
    if (now === undefined) this.#signOut();
    else if (this.#principal !== undefined) this.#principal = now;
  }

  /** @throws {PicketError} `UNAUTHORIZED` */
  async authenticate(token: string): Promise<void> {
    const { core } = this.#services;
    const known = await core.sessions.principalOf(token);
    // It went away meanwhile: nobody would end what this starts.
    if (!this.#connection.isOpen) return;
    if (known === undefined) throw new PicketError("UNAUTHORIZED");
    this.#principal = known.principal;
    this.#timer?.dispose();
    const remaining = known.expiresAt - core.clock.wallTime();
    this.#timer = core.clock.schedule(remaining, () => {
      this.#fail(undefined, new PicketError("UNAUTHORIZED", { details: "the access token has expired" }));
      this.#signOut();
    });
  }

  hello(offered: readonly string[]): readonly string[] {
    this.#connection.keepAliveTimes = ownPeerTimes;
    const common = capabilities.filter((one) => offered.includes(one));
    if (common.includes("channels")) {
      this.#streams ??= new ConsoleStreams({
        connection: this.#connection,
        core: this.#services.core,
        principal: () => this.#require(),
        send: (type, data) => this.#send({ type, data }),
      });
    }
    return common;
  }

  subscribe(params: ParamsOf<"subscribe">): void {
    this.#subscriptions.add(params);
  }

  unsubscribe(params: ParamsOf<"unsubscribe">): void {
    this.#subscriptions.remove(params);
  }

  connectTerminal(params: ParamsOf<"terminal-connect">): Promise<void> {
    return this.#terminals.connect(params);
  }

  terminalInput(vmId: string, input: string): void {
    this.#terminals.input(vmId, input);
  }

  resizeTerminal({ vmId, session, cols, rows }: ParamsOf<"terminal-resize">): void {
    if (session === undefined) {
      this.#terminals.resize(vmId, { cols, rows });
      return;
    }
    // Only a session that this very connection has open: an id alone is no right.
    if (this.#streams?.terminalNode(session) !== vmId) throw new PicketError("TERMINAL_NOT_CONNECTED");
    this.#services.core.nodes.linkOf(vmId)?.resizeTerminal(session, { cols, rows });
  }

  disconnectTerminal(vmId: string): void {
    this.#terminals.disconnect(vmId);
  }

  startTask(name: string): AbortSignal {
    return this.#tasks.start(name);
  }

  finishTask(name: string, signal: AbortSignal): void {
    this.#tasks.finish(name, signal);
  }

  cancelTask(name: string): void {
    this.#tasks.cancel(name);
  }

  #receive(message: ClientMessage): void {
    if (!this.#connection.isOpen) return;
    const { type, id, data } = message;
    if (this.#principal === undefined && type !== "auth") {
      this.#fail(id, new PicketError("UNAUTHORIZED"), data);
      return;
    }
    if (isChannelType(type)) {
      this.#onChannelMessage(type, message);
      return;
    }
    if (!isRequestType(type)) {
      this.#fault(new PicketError("UNKNOWN_TYPE", { message: `unknown type: ${type.slice(0, 64)}` }), id);
      return;
    }
    this.#faultsInARow = 0;
    if (type === "auth") this.#authenticateBy(data, id);
    else void this.#answer(type, message);
  }

  /** Not through the table: before it there is no principal that the table could ask. */
  #authenticateBy(data: Readonly<Record<string, unknown>>, id: string | undefined): void {
    const { token } = data;
    if (typeof token !== "string") {
      this.#fault(new PicketError("INVALID_PARAMS", { details: "data.token: string expected" }), id);
      return;
    }
    this.#authenticating = this.authenticate(token)
      .then(
        () => this.#respond("auth", id, {}),
        (error: unknown) => this.#refuse(id, toPicketError(error)),
      )
      .finally(() => {
        this.#authenticating = undefined;
      });
  }

  async #answer(type: Parameters<typeof dispatch>[0], { id, data }: ClientMessage): Promise<void> {
    this.#requests += 1;
    if (this.#requests === maxRequests) this.#connection.pauseReading();
    try {
      const { core, about } = this.#services;
      const result = await dispatch(type, data, { core, about, principal: this.#require(), session: this });
      this.#respond(type, id, result);
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (error.code === "INTERNAL_ERROR") {
        this.#services.core.logger.error("a request failed", { type, error: String(error.cause) });
      }
      if (error.code === "INVALID_PARAMS") this.#fault(error, id, data);
      else this.#fail(id, error, data);
    } finally {
      if (this.#requests === maxRequests) this.#connection.resumeReading();
      this.#requests -= 1;
    }
  }

  #onChannelMessage(
    type: "channel_open" | "channel_opened" | "channel_rejected" | "channel_result",
    message: ClientMessage,
  ): void {
    if (this.#streams === undefined || type !== "channel_open") {
      this.#fault(
        new PicketError("INVALID_MESSAGE", { details: "channels are opened after hello, by the console" }),
        message.id,
      );
      return;
    }
    const parsed = parseChannelMessage(type, message.data);
    if (!parsed.ok) this.#fault(new PicketError("INVALID_PARAMS", { details: parsed.error }), message.id);
    else void this.#streams.open(parsed.value);
  }

  /** The token was not taken: says why, which after the close nobody would hear. */
  #refuse(id: string | undefined, error: PicketError): void {
    this.#fail(id, error);
    if (error.code === "UNAUTHORIZED") {
      this.#signOut();
      return;
    }
    this.#endEverything();
    this.#connection.close(closeCode.tryAgainLater, "try again later");
  }

  /** Not only the close: a peer that does not answer it could go on for as long as it likes. */
  #signOut(): void {
    this.#endEverything();
    this.#connection.close(closeCode.policyViolation, "unauthorized");
  }

  #endEverything(): void {
    this.#timer?.dispose();
    this.#subscriptions.dispose();
    this.#terminals.dispose();
    this.#tasks.cancelAll();
    this.#streams?.mux.lost();
    this.#principal = undefined;
  }

  #require(): Principal {
    if (this.#principal === undefined) throw new PicketError("UNAUTHORIZED");
    return this.#principal;
  }

  #respond(type: string, id: string | undefined, result: object): void {
    // Without an id nobody waits for an answer, and input events would get a storm of them.
    if (id !== undefined) this.#send({ type: `${type}-response`, id, data: { status: "success", ...result } });
  }

  /** A message that should not have been sent: answered, counted, and at some number the end. */
  #fault(error: PicketError, id: string | undefined, data?: Readonly<Record<string, unknown>>): void {
    this.#fail(id, error, data);
    this.#faultsInARow += 1;
    this.#faults ??= new FaultCounter(this.#services.core.clock);
    if (this.#faults.add() || this.#faultsInARow >= malformedInARow) {
      this.#connection.close(closeCode.policyViolation, "too many malformed messages");
    }
  }

  #fail(id: string | undefined, error: PicketError, data?: Readonly<Record<string, unknown>>): void {
    const vmId = typeof data?.["vmId"] === "string" ? { vmId: data["vmId"].slice(0, 128) } : {};
    const details = error.details ?? errorTable[error.code].remedy;
    this.#send({
      type: "error",
      ...(id === undefined ? {} : { id }),
      data: { code: error.code, message: error.message, ...vmId, details },
    });
  }

  #send(message: { readonly type: string; readonly id?: string; readonly data: object }): void {
    this.#services.trace?.("->", message);
    this.#connection.sendText(JSON.stringify({ ...message, timestamp: this.#services.now() }));
  }
}
