import { DisposableStore } from "../../base/disposable.ts";
import type { Logger } from "../../base/logger.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import type { Core } from "../../core/core.ts";
import { retryAfterReason } from "../../wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import type { AboutServer } from "./requests/handler.ts";
import { DocumentsSession } from "./session.ts";

export interface DocumentsServerOptions {
  readonly core: Core;
  readonly about: AboutServer;
  readonly logger: Logger;
  /** Told every message when the wire is traced; the logger masks what is secret. */
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** What a session needs: the core, and what all sessions share. */
export interface DocumentsServices extends DocumentsServerOptions {
  /** How many requests of people who did not say who they are the audit log takes. */
  readonly strangers: TokenBucket;
}

/** Strangers must not fill the audit log: what is left out is more of the same. Per second. */
const auditedStrangers = { rate: 1 / 6, burst: 50 };

/** The core's half of the documents protocol: docs/protocols/documents.md. */
export class DocumentsServer {
  readonly #sessions = new Set<DocumentsSession>();
  readonly #services: DocumentsServices;
  readonly #owned = new DisposableStore();

  constructor(options: DocumentsServerOptions) {
    const { core } = options;
    this.#services = { ...options, strangers: new TokenBucket(core.clock, auditedStrangers) };
    this.#owned.add(
      core.documents.lockdown.onChanged(({ active }) => {
        for (const session of this.#sessions) session.push({ action: "lockdown", status: active });
      }),
    );
  }

  /** Connections that are open, and those whose last request is not finished yet. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Takes a new connection; the returned handler gets what it sends. */
  accept(connection: Connection): ConnectionHandler {
    const session = new DocumentsSession(connection, this.#services);
    this.#sessions.add(session);
    void session.run().then(() => this.#sessions.delete(session));
    return session.handler;
  }

  /** Closes every connection. Transfers keep what came. */
  close(): void {
    this.#owned.dispose();
    for (const session of this.#sessions)
      session.close(closeCode.goingAway, retryAfterReason("the core is stopping", 1_000));
  }
}
