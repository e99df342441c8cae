import type { Core } from "../../../core/core.ts";
import type { DocumentUser } from "../../../core/identity/documentTokens.ts";
import type { ActionName, DataOf, Request, ResultOf } from "../messages.ts";
import type { TransferLink } from "../transferLink.ts";

/** What a handler may do with the connection that the request came over. */
export interface RequestSession {
  /** The peer's address. */
  readonly address: string;
  /** From here on the connection is told of every lockdown. */
  listen(): void;
  /** Resolves after so many milliseconds, or when the connection is gone: only this connection waits. */
  delay(milliseconds: number): Promise<void>;
  /** Calls `task` when the answer to this request has been handed to the network. */
  afterAnswer(task: () => void): void;
  /**
   * Gives the connection to a transfer until the handler is done: what the peer sends goes to it instead of being taken
   * for requests.
   */
  takeOver(): TransferLink;
}

/** What this server says about itself, and what it can do to the program. */
export interface AboutServer {
  readonly version: string;
  readonly serverName: string;
  /** Stops the program as SIGTERM does. */
  readonly shutdown: () => void;
}

/** What the audit log says of this request besides action, result and address. Handlers add to it. */
export interface AuditNote {
  /** Who, when it is not the one who is signed in: the name of whoever proved to be somebody. */
  actor?: string | undefined;
  /** On what: an id or a name. */
  target?: string | undefined;
  /** What matters of the data; never a secret. @default the data with its secrets masked */
  data?: Readonly<Record<string, unknown>> | undefined;
}

export interface OpenContext {
  readonly core: Core;
  readonly about: AboutServer;
  readonly session: RequestSession;
  /** The credentials of the envelope as they came: checked only when the row says so. */
  readonly request: Request;
  readonly note: AuditNote;
}

export interface UserContext extends OpenContext {
  /** Who asks, and what this one may do now. */
  readonly user: DocumentUser;
}

export interface EitherContext extends OpenContext {
  /** Undefined when the row let the request in without anybody being signed in. */
  readonly user: DocumentUser | undefined;
}

/** A success. `undefined` instead of one: everything was said already, no envelope follows. */
export interface Answer<A extends ActionName> {
  /** @default 200 */
  readonly code?: number;
  readonly message: string;
  readonly data: ResultOf<A>;
}

interface Row<A extends ActionName, C> {
  /** Also while the server is locked down. */
  readonly lockdownOpen?: true;
  /** What the audit log names as the target. @default nothing */
  readonly target?: (data: DataOf<A>) => string | null | undefined;
  readonly handle: (data: DataOf<A>, context: C) => Promise<Answer<A> | undefined>;
}

interface PermissionRow<A extends ActionName> {
  /** What the user must hold; undefined when this very request needs nothing. */
  readonly permission?: string | ((data: DataOf<A>, user: DocumentUser) => string | undefined);
  /** The message of the 403. @default "Permission denied" */
  readonly denied?: string;
  /** Runs before the permission is asked for: throws what the protocol wants to be said first, mostly a 404. */
  readonly first?: (data: DataOf<A>, context: UserContext) => Promise<void>;
}

/** The authorisation row of an action and what it does. An action without a row does not compile. */
export type Handler<A extends ActionName> =
  /** Nobody needs to be signed in. */
  | ({ readonly access: "open" } & Row<A, OpenContext>)
  /** Whoever is signed in and holds the permission. */
  | ({ readonly access: "user" } & Row<A, UserContext> & PermissionRow<A>)
  /** Depends on what is asked: `needsUser` says whether this one is like `user`; otherwise it is like `open`. */
  | ({
      readonly access: "either";
      readonly needsUser: (data: DataOf<A>, request: Request) => boolean;
    } & Row<A, EitherContext> &
      PermissionRow<A>);

export type Handlers<A extends ActionName> = { readonly [K in A]: Handler<K> };
