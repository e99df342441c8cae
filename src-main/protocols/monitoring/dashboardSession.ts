import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import { maySeeGroup, type Principal } from "../../core/identity/principal.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import { type Connection, type ConnectionHandler, closeCode, wireLimits } from "../../wire/connection.ts";
import { FaultCounter } from "../faultCounter.ts";
import { LogFeed } from "./logFeed.ts";
import { type CoreToDashboard, parseDashboardMessage, sentences } from "./messages.ts";
import { MetricFeed } from "./metricFeed.ts";
import type { MonitoringServices } from "./server.ts";
import { viewAlert } from "./views.ts";

/** What a dashboard's address names. */
export interface DashboardSubject {
  readonly nodeId: string;
  readonly kind: "metrics" | "logs";
}

export type DashboardOptions = MonitoringServices & DashboardSubject;

/** What a dashboard is shown, live. */
export interface Feed extends Disposable {
  /** Shows what there is already, and then what comes. */
  start(): Promise<void>;
  /** Little is on its way to the dashboard any more. */
  drained(): void;
}

/** What a feed may do with the connection. */
export interface FeedOutlet {
  /** False when the peer does not keep up. */
  readonly hasRoom: boolean;
  send(message: CoreToDashboard): void;
  /** Asks for `drained`. */
  notifyDrained(): void;
}

const authTimeout = 10_000;
/** Before the token's end the dashboard is told, so that it can send a new one. */
const warnBefore = 60_000;
const sessionEnded = "Session ended";
const notFound = "Server not found";

/** The core's side of one dashboard's connection: docs/protocols/monitoring.md. */
export class DashboardSession implements ConnectionHandler, FeedOutlet {
  readonly #connection: Connection;
  readonly #options: DashboardOptions;
  #principal: Principal | undefined;
  #feed: Feed | undefined;
  readonly #owned = new DisposableStore();
  /** The wait for `auth`, then for the end of the token. */
  #timer: Disposable | undefined;
  #authenticating = false;
  #faults: FaultCounter | undefined;

  constructor(connection: Connection, options: DashboardOptions) {
    this.#connection = connection;
    this.#options = options;
    const { clock } = options.core;
    this.#timer = clock.schedule(authTimeout, () => this.#refuse(sentences.authenticationRequired));
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get nodeId(): string {
    return this.#options.nodeId;
  }

  get hasRoom(): boolean {
    return this.#connection.bufferedBytes < wireLimits.bulkBufferedBytes;
  }

  text(text: string): void {
    if (!this.#connection.isOpen) return;
    const message = parseDashboardMessage(text);
    if (message === undefined) {
      const early = this.#principal === undefined && !this.#authenticating;
      this.#fault(early ? sentences.authenticationRequired : sentences.invalidMessage);
      return;
    }
    this.#options.trace?.("<-", message);
    // One look at a token at a time: whoever sends many cannot make the core look at many.
    if (this.#authenticating) this.#fault(sentences.invalidMessage);
    else void this.#authenticate(message.token);
  }

  binary(): void {
    this.#fault(this.#principal === undefined ? sentences.authenticationRequired : sentences.invalidMessage);
  }

  drained(): void {
    this.#feed?.drained();
  }

  closed(): void {
    this.#end();
    this.#options.forget(this);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  send(message: CoreToDashboard): void {
    this.#options.trace?.("->", message);
    this.#connection.sendText(JSON.stringify(message));
  }

  notifyDrained(): void {
    this.#connection.notifyDrained();
  }

  /** The user's role, groups or session changed: look again who this is. */
  async refresh(): Promise<void> {
    const sessionId = this.#principal?.sessionId;
    if (sessionId === undefined) return;
    const now = await this.#options.core.sessions.principalOfSession(sessionId);
    if (this.#principal === undefined) return;
    if (now === undefined) {
      this.#refuse(sessionEnded);
      return;
    }
    this.#principal = now;
    this.lookAgain();
  }

  /** The server was removed or moved to another group: is it still there for this user? */
  lookAgain(): void {
    if (this.#principal !== undefined && this.#visibleNode(this.#principal) === undefined) this.#refuse(notFound);
  }

  async #authenticate(token: string): Promise<void> {
    const { core } = this.#options;
    this.#authenticating = true;
    try {
      const known = await core.sessions.principalOf(token);
      if (!this.#connection.isOpen) return;
      const node = known === undefined ? undefined : this.#visibleNode(known.principal);
      if (known === undefined) this.#refuse(sentences.invalidToken);
      else if (node === undefined) this.#refuse(notFound);
      else {
        this.#principal = known.principal;
        this.#awaitExpiry(known.expiresAt);
        await this.#start(node);
      }
    } catch (error) {
      core.logger.warn("a dashboard could not be served", { error: describeError(error) });
      this.#connection.close(closeCode.tryAgainLater, "try again later");
    } finally {
      this.#authenticating = false;
    }
  }

  #awaitExpiry(expiresAt: number): void {
    const { clock } = this.#options.core;
    this.#timer?.dispose();
    const expire = (): void => {
      // A new token came in time and is looked at: what comes of that decides.
      if (!this.#authenticating) this.#refuse(sentences.invalidToken);
    };
    const remaining = expiresAt - clock.wallTime();
    this.#timer = clock.schedule(Math.max(0, remaining - warnBefore), () => {
      this.send({ type: "error", message: sentences.tokenExpires });
      this.#timer = clock.schedule(Math.min(remaining, warnBefore), expire);
    });
  }

  async #start(node: NodeRecord): Promise<void> {
    if (this.#feed !== undefined) return;
    const { core, kind } = this.#options;
    const options = { core, node, outlet: this, details: this.#options.details };
    this.#feed = this.#owned.add(kind === "metrics" ? new MetricFeed(options) : new LogFeed(options));
    this.#owned.add(
      core.bus.subscribe("alert-changed", ({ alertId, nodeIds }) => {
        if (nodeIds.includes(node.nodeId)) void this.#showAlert(alertId);
      }),
    );
    await this.#feed.start();
  }

  async #showAlert(alertId: string): Promise<void> {
    const { core } = this.#options;
    try {
      const alert = await core.alerts.get(alertId);
      if (alert !== undefined && this.#principal !== undefined) this.send({ type: "alert", data: viewAlert(alert) });
    } catch (error) {
      core.logger.warn("an alert could not be shown", { error: describeError(error) });
    }
  }

  /** A server that the user may not see is as unknown as one that is not there. */
  #visibleNode(principal: Principal): NodeRecord | undefined {
    const node = this.#options.core.nodes.get(this.#options.nodeId);
    return node !== undefined && maySeeGroup(principal, node.group) ? node : undefined;
  }

  /** A message that should not have been sent: answered, counted, and at some number the end. */
  #fault(message: string): void {
    if (!this.#connection.isOpen) return;
    this.send({ type: "error", message });
    this.#faults ??= new FaultCounter(this.#options.core.clock);
    if (this.#faults.add()) this.#connection.close(closeCode.policyViolation, "too many malformed messages");
  }

  #refuse(message: string): void {
    this.send({ type: "error", message });
    this.#end();
    this.#connection.close(closeCode.policyViolation, message);
  }

  /** Not only the close: a peer that does not answer it could look on for as long as it likes. */
  #end(): void {
    this.#timer?.dispose();
    this.#owned.dispose();
    this.#principal = undefined;
  }
}
