import { DisposableStore } from "../../base/disposable.ts";
import type { Core } from "../../core/core.ts";
import { retryAfterReason } from "../../wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import { AgentSession } from "./agentSession.ts";
import { DashboardSession, type DashboardSubject } from "./dashboardSession.ts";
import type { ReportDetails } from "./readReport.ts";

export interface MonitoringServerOptions {
  readonly core: Core;
  /** Told every message when the wire is traced; the logger masks what is secret. */
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** What a session needs: the core, and its server. */
export interface MonitoringServices extends MonitoringServerOptions {
  /** By node: what its newest report said beyond the columns of the history. Only while it is connected. */
  readonly details: Map<string, ReportDetails & { readonly time: number }>;
  forget(session: AgentSession | DashboardSession): void;
}

/** How many agents a second are asked to come back after a shutdown. */
const returnRate = 200;

/** The core's half of the monitoring protocol: agents with a key, and the dashboards that watch any node. */
export class MonitoringServer {
  readonly #agents = new Set<AgentSession>();
  readonly #dashboards = new Set<DashboardSession>();
  readonly #services: MonitoringServices;
  readonly #owned = new DisposableStore();

  constructor(options: MonitoringServerOptions) {
    const { bus } = options.core;
    this.#services = {
      ...options,
      details: new Map(),
      forget: (session) => {
        if (session instanceof AgentSession) this.#agents.delete(session);
        else this.#dashboards.delete(session);
      },
    };
    this.#owned.add(bus.subscribe("api-key-revoked", ({ keyId }) => this.#expel((agent) => agent.keyId === keyId)));
    this.#owned.add(
      bus.subscribe("node-removed", ({ nodeId }) => {
        this.#services.details.delete(nodeId);
        this.#expel((agent) => agent.nodeId === nodeId);
        for (const dashboard of this.#dashboards) if (dashboard.nodeId === nodeId) dashboard.lookAgain();
      }),
    );
    this.#owned.add(
      bus.subscribe("node-changed", ({ nodeId, movedFrom }) => {
        if (movedFrom === undefined) return;
        for (const dashboard of this.#dashboards) if (dashboard.nodeId === nodeId) dashboard.lookAgain();
      }),
    );
    this.#owned.add(
      bus.subscribe("session-revoked", ({ sessionId }) => {
        for (const dashboard of this.#dashboards) {
          if (dashboard.principal?.sessionId === sessionId) void dashboard.refresh();
        }
      }),
    );
    this.#owned.add(
      bus.subscribe("user-changed", ({ userId }) => {
        for (const dashboard of this.#dashboards) if (dashboard.principal?.userId === userId) void dashboard.refresh();
      }),
    );
  }

  get sessionCount(): number {
    return this.#agents.size + this.#dashboards.size;
  }

  get agentCount(): number {
    return this.#agents.size;
  }

  get dashboardCount(): number {
    return this.#dashboards.size;
  }

  /** Takes a new connection of an agent; the returned handler gets what it sends. */
  acceptAgent(connection: Connection): ConnectionHandler {
    const session = new AgentSession(connection, this.#services);
    this.#agents.add(session);
    return session;
  }

  /** Takes a new connection of a dashboard; the returned handler gets what it sends. */
  acceptDashboard(connection: Connection, subject: DashboardSubject): ConnectionHandler {
    const session = new DashboardSession(connection, { ...this.#services, ...subject });
    this.#dashboards.add(session);
    return session;
  }

  /** Closes every connection and gives each agent its own moment to come back. */
  close(): void {
    this.#owned.dispose();
    let index = 0;
    for (const session of [...this.#agents, ...this.#dashboards]) {
      session.close(closeCode.goingAway, retryAfterReason("the core is stopping", 500 + (index * 1000) / returnRate));
      index += 1;
    }
  }

  #expel(concerns: (agent: AgentSession) => boolean): void {
    for (const agent of this.#agents) if (concerns(agent)) agent.expel();
  }
}
