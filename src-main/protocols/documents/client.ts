import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Attach, ClientState } from "../../wire/reconnectingClient.ts";
import type { DocumentCredentials } from "./client/credentials.ts";
import { DocumentsRefusal } from "./client/documentsRefusal.ts";
import { Download } from "./client/download.ts";
import type { Hasher } from "./client/hasher.ts";
import { newHasher } from "./client/newHasher.ts";
import { RequestConnection } from "./client/requestConnection.ts";
import { TokenKeeper } from "./client/tokenKeeper.ts";
import type { DownloadOptions, DownloadResult, UploadOptions, UploadResult } from "./client/transferOptions.ts";
import type { TransferServices } from "./client/transferServices.ts";
import { Upload } from "./client/upload.ts";
import type { ServerAnswer } from "./messages/serverMessage.ts";
import { type ActionName, type DataInput, parseResult, type ResultOf } from "./messages.ts";

export interface DocumentsClientOptions {
  /** Opens a connection. One for a transfer must take messages of up to 4 MiB. */
  readonly dial: (attach: Attach, use: "requests" | "transfer") => Promise<Connection>;
  readonly clock: Clock;
  /**
   * Asked for new credentials when there are none, and when the old ones can no longer be refreshed. Undefined or an
   * error: whoever asks now is told `UNAUTHORIZED`.
   */
  readonly renew?: (() => Promise<DocumentCredentials | undefined>) | undefined;
  /** A faster SHA-256 than the client's own, where the runtime has one. */
  readonly newHash?: (() => Hasher) | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Told every message of the request connection when the wire is traced; who takes it masks what is secret. */
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

export interface RequestOptions {
  /** Milliseconds, the wait for a connection and for earlier requests included. @default 30000 */
  readonly timeout?: number;
}

export type SignInResult =
  | { readonly status: "signed-in"; readonly profile: ResultOf<"login"> }
  /** Sign in again with `code`: the one of the authenticator app, or a backup code. */
  | { readonly status: "code-needed"; readonly method: string };

const requestTimeout = 30_000;

/**
 * The client's half of the documents protocol: docs/protocols/documents.md. One connection for requests, kept up and
 * asked for one thing at a time, and one for every transfer. Refreshes its token before it ends. Runs in any runtime, with
 * Picket's core and with anybody's server of version 3.
 */
export class DocumentsClient implements Disposable {
  readonly #requests: RequestConnection;
  readonly #tokens: TokenKeeper;
  readonly #transfers: TransferServices;

  constructor(options: DocumentsClientOptions) {
    const { dial, clock, random, newHash, trace } = options;
    this.#requests = new RequestConnection({ dial: (attach) => dial(attach, "requests"), clock, random, trace });
    this.#tokens = new TokenKeeper({
      clock,
      refresh: (credentials) => this.#refresh(credentials),
      renew: async () => await options.renew?.(),
    });
    this.#transfers = {
      dial: (attach) => dial(attach, "transfer"),
      clock,
      random,
      newHash: newHash ?? newHasher,
      traits: { rawDownloads: undefined, resumedUploads: undefined },
      identity: () => this.#identity(this.#tokens.credentials),
    };
  }

  /** How the request connection is. */
  get state(): ClientState {
    return this.#requests.state;
  }

  /** Undefined: signed out. */
  get credentials(): DocumentCredentials | undefined {
    return this.#tokens.credentials;
  }

  onState(listener: (state: ClientState) => void): Disposable {
    return this.#requests.onState(listener);
  }

  /** Told when there are new ones, and `undefined` when they are lost for good. */
  onCredentials(listener: (credentials: DocumentCredentials | undefined) => void): Disposable {
    return this.#tokens.onChanged(listener);
  }

  /** Told whenever the server says that a lockdown begins or ends, and on every new connection how it stands. */
  onLockdown(listener: (active: boolean) => void): Disposable {
    return this.#requests.onLockdown(listener);
  }

  /** Dials and keeps the connection up. A request does the same. */
  start(): void {
    this.#requests.start();
  }

  /** After a wake-up or a network change: no reason to wait any longer. */
  retryNow(): void {
    this.#requests.retryNow();
  }

  /** Uses credentials that came from elsewhere; undefined signs out. */
  useCredentials(credentials: DocumentCredentials | undefined): void {
    this.#tokens.use(credentials);
  }

  /** @throws {DocumentsRefusal} 401 wrong, 403 a new password first, 429; @throws {PicketError} as `request` */
  async signIn({ username, password, code }: SignIn): Promise<SignInResult> {
    const data = { username, password, ...(code === undefined ? {} : { "2fa_token": code }) };
    const answer = await this.#requests.ask({ action: "login", data, ...nobody }, requestTimeout);
    if (answer.code === 202) {
      const { method } = answer.data;
      return { status: "code-needed", method: typeof method === "string" ? method : "totp" };
    }
    const profile = resultOf("login", answer);
    this.#tokens.use({ username, token: profile.token, expiresAt: profile.exp * 1000 });
    return { status: "signed-in", profile };
  }

  /**
   * Asks the server and resolves with the data of its 200.
   *
   * @throws {DocumentsRefusal} any other answer
   * @throws {PicketError} `TIMEOUT`, `PEER_LOST`, `UNAUTHORIZED` without credentials, `INVALID_MESSAGE` for an answer of
   * another form
   */
  async request<A extends ActionName>(
    action: A,
    data: DataInput<A>,
    { timeout = requestTimeout }: RequestOptions = {},
  ): Promise<ResultOf<A>> {
    if (isOpen(action, data)) {
      return resultOf(action, await this.#requests.ask({ action, data, ...nobody }, timeout));
    }
    const credentials = await this.#tokens.current();
    if (credentials === undefined) throw new PicketError("UNAUTHORIZED");
    const answer = await this.#requests.ask({ action, data, ...this.#identity(credentials) }, timeout);
    if (!isTokenRefused(action, answer)) return resultOf(action, answer);
    // It was not looked at, so it may be asked again.
    const renewed = await this.#tokens.rejected(credentials.token);
    if (renewed === undefined) return resultOf(action, answer);
    return resultOf(action, await this.#requests.ask({ action, data, ...this.#identity(renewed) }, timeout));
  }

  /**
   * Sends a file over a connection of its own, again and again until it is there: from where the server stands when it
   * is Picket's, else from the beginning.
   *
   * @throws {DocumentsRefusal} @throws {PicketError} `CANCELLED`, `SIZE_MISMATCH`, `HASH_MISMATCH`, `PEER_LOST`, `TIMEOUT`
   */
  upload(options: UploadOptions): Promise<UploadResult> {
    return new Upload(this.#transfers, options).run();
  }

  /**
   * Fetches a file over a connection of its own, in whichever form the server sends it, and checks size and hash. Goes on
   * where it was cut when the server is Picket's.
   *
   * @throws {DocumentsRefusal} @throws {PicketError} `CANCELLED`, `SIZE_MISMATCH`, `HASH_MISMATCH`, `PEER_LOST`, `TIMEOUT`
   */
  download(options: DownloadOptions): Promise<DownloadResult> {
    return new Download(this.#transfers, options).run();
  }

  dispose(): void {
    this.#tokens.dispose();
    this.#requests.dispose();
  }

  /** Undefined: the server does not refresh this token any more. */
  async #refresh(credentials: DocumentCredentials): Promise<DocumentCredentials | undefined> {
    const envelope = { action: "refresh_token", data: {}, ...this.#identity(credentials) };
    const answer = await this.#requests.ask(envelope, requestTimeout);
    if (answer.code !== 200) return undefined;
    const { token, exp } = resultOf("refresh_token", answer);
    return { username: credentials.username, token, expiresAt: exp * 1000 };
  }

  #identity(credentials: DocumentCredentials | undefined): { readonly username: string; readonly token: string } {
    return credentials === undefined ? nobody : { username: credentials.username, token: credentials.token };
  }
}

export interface SignIn {
  readonly username: string;
  readonly password: string;
  /** Of the authenticator app, or a backup code. */
  readonly code?: string | undefined;
}

const nobody = { username: "", token: "" };

/** The server asks nobody's name; for the own password it must not be told one. */
function isOpen(action: ActionName, data: unknown): boolean {
  if (action === "server_info" || action === "login" || action === "register_listener") return true;
  return action === "set_passwd" && typeof (data as DataInput<"set_passwd">).old_passwd === "string";
}

/** A 401 to these is about the password or the code that they carry. */
const carryingSecrets: ReadonlySet<ActionName> = new Set(["disable_2fa", "set_passwd", "validate_2fa"]);
const badToken = "Invalid user or token";

/** 401; some servers say the same with 403. */
function isTokenRefused(action: ActionName, { code, message }: ServerAnswer): boolean {
  if (code === 403) return message === badToken;
  return code === 401 && (!carryingSecrets.has(action) || message === badToken || message === "Token expired");
}

/** @throws {DocumentsRefusal} @throws {PicketError} `INVALID_MESSAGE` */
function resultOf<A extends ActionName>(action: A, { code, message, data }: ServerAnswer): ResultOf<A> {
  if (code !== 200) throw new DocumentsRefusal(code, message, data);
  const result = parseResult(action, data);
  if (!result.ok) throw new PicketError("INVALID_MESSAGE", { details: `${action}: ${result.error}` });
  return result.value;
}
