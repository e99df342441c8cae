import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { DocumentCredentials } from "../../src-main/protocols/documents/client/credentials.ts";
import { DocumentsClient, type SignInResult } from "../../src-main/protocols/documents/client.ts";
import type { ActionName, DataInput, ResultOf } from "../../src-main/protocols/documents/messages.ts";
import type { Connection } from "../../src-main/wire/connection.ts";
import type { Attach, ClientState } from "../../src-main/wire/reconnectingClient.ts";
import type { Link } from "../state/link.svelte.ts";
import type { AdministrationDesk } from "./administrationDesk.ts";
import { FolderBook } from "./folderBook.svelte.ts";
import { FolderTree } from "./folderTree.svelte.ts";
import { FolderView } from "./folderView.svelte.ts";

export type DeskStatus = "closed" | "connecting" | "waiting" | "sign-in" | "ready";

export interface DocumentDeskOptions {
  /** Somebody else's server; undefined: the core's own documents. */
  readonly serverId: string | undefined;
  readonly link: Link;
  readonly clock: Clock;
  /** Opens a socket to a path of the core that served the console. */
  readonly dial: (path: string, attach: Attach) => Promise<Connection>;
}

const ownPath = "/cfms";

/** One documents server as the console works with it: the connection, who is signed in there, and what that user may do. */
export class DocumentDesk implements AdministrationDesk, Disposable {
  readonly serverId: string | undefined;
  readonly client: DocumentsClient;
  readonly folders: FolderBook;
  /** What the pages show of it; it outlives them. */
  readonly view: FolderView;
  readonly tree: FolderTree;
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #clientState = $state.raw<ClientState>({ status: "stopped", reason: "not started" });
  #username = $state("");
  #permissions = $state.raw<ReadonlySet<string>>(new Set());
  #generation = $state(0);
  #lockdown = $state(false);
  #serverName = $state<string | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #started = $state(false);

  constructor({ serverId, link, clock, dial }: DocumentDeskOptions) {
    this.serverId = serverId;
    this.#link = link;
    this.client = this.#owned.add(
      new DocumentsClient({
        clock,
        dial: async (attach) => dial(await this.#path(), attach),
        ...(serverId === undefined ? { renew: () => this.#ownCredentials() } : {}),
      }),
    );
    this.folders = new FolderBook(this);
    this.view = new FolderView(this);
    this.tree = new FolderTree(this);
    this.#owned.add(this.client.onState((state) => this.#onState(state)));
    this.#owned.add(this.client.onCredentials((credentials) => this.#onCredentials(credentials)));
    this.#owned.add(
      this.client.onLockdown((active) => {
        const lifted = this.#lockdown && !active;
        this.#lockdown = active;
        // What was refused meanwhile is asked for again, the user's own rights among it.
        if (lifted) void this.#greet();
      }),
    );
  }

  /** The core's own documents: files go over HTTP, and the bin and the revisions are there. */
  get isOwn(): boolean {
    return this.serverId === undefined;
  }

  get status(): DeskStatus {
    if (!this.#started) return "closed";
    if (this.#clientState.status !== "connected") {
      return this.#clientState.status === "waiting" ? "waiting" : "connecting";
    }
    if (this.#username === "") return this.isOwn ? "connecting" : "sign-in";
    return "ready";
  }

  get username(): string {
    return this.#username;
  }

  get permissions(): ReadonlySet<string> {
    return this.#permissions;
  }

  get generation(): number {
    return this.#generation;
  }

  get lockdown(): boolean {
    return this.#lockdown;
  }

  /** What the server calls itself. */
  get serverName(): string | undefined {
    return this.#serverName;
  }

  /** Why the desk cannot be opened. */
  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Connects, once: it stays connected while the console is signed in. */
  open(): void {
    if (this.#started) return;
    this.#started = true;
    this.client.start();
    // The client's own back-off may be long when the core was away: it is back now.
    this.#owned.add(this.#link.onReady(() => this.client.retryNow()));
  }

  retry(): void {
    this.#error = undefined;
    this.client.retryNow();
    if (this.#clientState.status === "connected") void this.#greet();
  }

  /** Signs in at somebody else's server. @throws {PicketError} */
  async signIn(who: {
    readonly username: string;
    readonly password: string;
    readonly code?: string;
  }): Promise<SignInResult> {
    const result = await this.client.signIn(who);
    if (result.status === "signed-in") {
      this.#permissions = new Set(result.profile.permissions);
    }
    return result;
  }

  signOut(): void {
    this.client.useCredentials(undefined);
  }

  request<A extends ActionName>(action: A, data: DataInput<A>): Promise<ResultOf<A>> {
    return this.client.request(action, data);
  }

  /** Ends with the desk. */
  own(disposable: Disposable): void {
    this.#owned.add(disposable);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #path(): Promise<string> {
    if (this.serverId === undefined) return ownPath;
    const { path } = await this.#link.request("document-server-connect", { id: this.serverId });
    return path;
  }

  async #ownCredentials(): Promise<DocumentCredentials> {
    return this.#link.request("documents-token", {});
  }

  #onState(state: ClientState): void {
    const wasConnected = this.#clientState.status === "connected";
    this.#clientState = state;
    if (state.status === "connected" && !wasConnected) void this.#greet();
  }

  #onCredentials(credentials: DocumentCredentials | undefined): void {
    const username = credentials?.username ?? "";
    if (username === this.#username) return;
    this.#username = username;
    this.#generation += 1;
    this.folders.clear();
  }

  /** After every connect: the server may be another one, and rights may have changed meanwhile. */
  async #greet(): Promise<void> {
    try {
      this.#serverName = (await this.client.request("server_info", {})).server_name;
      if (this.isOwn) {
        const credentials = this.client.credentials ?? (await this.#ownCredentials());
        if (this.client.credentials === undefined) this.client.useCredentials(credentials);
        this.#onCredentials(credentials);
      }
      if (this.#username !== "") {
        const { permissions } = await this.client.request("get_user_info", { username: this.#username });
        this.#permissions = new Set(permissions);
        this.#generation += 1;
      }
      this.#error = undefined;
    } catch (thrown) {
      this.#error = toPicketError(thrown);
    }
  }
}
