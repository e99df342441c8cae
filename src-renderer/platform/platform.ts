import type { Clock } from "../../src-main/base/clock.ts";
import type { Disposable } from "../../src-main/base/disposable.ts";
import type { Connection } from "../../src-main/wire/connection.ts";
import type { Attach } from "../../src-main/wire/reconnectingClient.ts";

/** What signing in gives: a token for the socket, for a while. */
export interface Grant {
  readonly accessToken: string;
  /** Milliseconds from now. */
  readonly validFor: number;
  /** The core's wall clock when it answered, if it said so. */
  readonly coreTime: number | undefined;
}

export interface SignInCredentials {
  readonly username: string;
  readonly password: string;
  /** A code of the second factor. Missing where it is needed, the way in throws `TWO_FACTOR_REQUIRED`. */
  readonly code: string | undefined;
}

/** The ways in. Every method throws a `PicketError` with the core's code, or `CoreUnreachableError`. */
export interface SignInGate {
  withPassword(credentials: SignInCredentials): Promise<Grant>;
  /** Sets a new password for whoever may not sign in without one, and signs in with it. */
  withNewPassword(credentials: SignInCredentials, newPassword: string): Promise<Grant>;
  /** By the one-time link that a start prints. */
  withTicket(ticket: string): Promise<Grant>;
  /** A new token for whoever is signed in; undefined when nobody is. */
  renew(): Promise<Grant | undefined>;
  signOut(): Promise<void>;
}

/** Nobody answered: no core, or no network. */
export class CoreUnreachableError extends Error {
  constructor(cause: unknown) {
    super("the core cannot be reached", { cause });
    this.name = "CoreUnreachableError";
  }
}

/** Small texts by name. Storage that is full or forbidden reads as empty and forgets. */
export interface TextStore {
  read(key: string): string | undefined;
  /** Undefined removes it. */
  write(key: string, value: string | undefined): void;
}

/** A value of the surroundings that changes by itself. */
export interface Watched<T> {
  readonly value: T;
  onChange(listener: (value: T) => void): Disposable;
}

/** Where the user is, as the address shows it: the part behind `#`. */
export interface AddressBar {
  readonly fragment: Watched<string>;
  go(fragment: string): void;
  /** Without a step in the history of the window. */
  replace(fragment: string): void;
}

export interface FileToSave {
  readonly name: string;
  readonly type: string;
  readonly parts: readonly BlobPart[];
}

/** A file on this machine that is being written. */
export interface FileTarget {
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** The file is whole: it takes its place. */
  close(): Promise<void>;
  /** It is not wanted any more; nothing after `close`. */
  abandon(): Promise<void>;
}

/**
 * The bytes of the core's own documents, by tasks: whoever has a task's id may move its bytes. Every method throws a
 * `PicketError` with the core's code, or `PEER_LOST`.
 */
export interface DocumentFiles {
  /** How many bytes of an upload the core has, and whether it is stored already. */
  heldOf(task: string, signal: AbortSignal): Promise<{ readonly held: number; readonly isComplete: boolean }>;
  /** Sends the bytes from `offset` on. What came of them when it is cut short is kept. */
  send(
    task: string,
    options: {
      /** Of the whole file. */
      readonly size: number;
      readonly offset: number;
      readonly slice: Blob;
      readonly signal: AbortSignal;
      /** Bytes of the whole file that are on their way or there. */
      readonly progress: (bytes: number) => void;
    },
  ): Promise<{ readonly held: number; readonly isComplete: boolean }>;
  /** A part of a file, of at most `length` bytes. */
  fetchFrom(
    task: string,
    options: { readonly offset: number; readonly length: number; readonly signal: AbortSignal },
  ): Promise<{
    /** Of the whole file. */
    readonly size: number;
    /** Where the part ends in the file. */
    readonly end: number;
    /** The same for the same content. */
    readonly version: string;
    /** Of the whole file, in hex, where the server says it. */
    readonly sha256: string | undefined;
    /** A piece is good until the next one is asked for. */
    readonly bytes: AsyncIterable<Uint8Array>;
  }>;
  /** The beginning of a file. */
  fetchStart(task: string, bytes: number): Promise<Uint8Array>;
  /** Where an image or a PDF can be shown from. */
  inlineAddress(task: string): string;
  /** Whether files can be written while they come. */
  readonly canPickTarget: boolean;
  /** Asks where a file is to go; undefined: the user wants none. Without `canPickTarget` it waits in memory. */
  pickTarget(name: string): Promise<FileTarget | undefined>;
  /** Lets the surroundings fetch the file on their own. */
  handOver(task: string): void;
  /** Whether PDF files can be shown. */
  readonly showsPdf: boolean;
}

/** Everything that differs between a browser and the desktop app. Nothing else in the console touches either. */
export interface Platform {
  readonly clock: Clock;
  readonly signIn: SignInGate;
  /** Opens a socket to the core; the token is sent over it, not in its address. */
  dial(attach: Attach): Promise<Connection>;
  /** The address of the core's own relay of rooms. */
  readonly ownRelay: string;
  /** Whether the surroundings let this page talk to a relay at that address at all. */
  mayReachRelay(url: string): boolean;
  /** Opens a socket to a relay of rooms. */
  dialRelay(url: string, attach: Attach): Promise<Connection>;
  /** Opens a socket to a path of the core. */
  dialPath(path: string, attach: Attach): Promise<Connection>;
  readonly documentFiles: DocumentFiles;
  /** Warns whoever leaves while `mustAsk` says so. */
  onLeaving(mustAsk: () => boolean): Disposable;
  /** The core's address as other machines write it. */
  readonly coreUrl: string;
  /** Kept on this device. */
  readonly deviceStore: TextStore;
  /** Kept for this window, also when it is reloaded. */
  readonly windowStore: TextStore;
  readonly address: AddressBar;
  /** False while nobody can see the window. */
  readonly visible: Watched<boolean>;
  readonly prefersDark: Watched<boolean>;
  /** Calls `listener` when the network is back or the machine woke up. */
  onNetworkBack(listener: () => void): Disposable;
  /** Languages of the system, most wanted first. */
  readonly languages: readonly string[];
  /** @throws {Error} when the surroundings do not allow it */
  copyText(text: string): Promise<void>;
  /** @throws {Error} when the surroundings do not allow it */
  pasteText(): Promise<string>;
  saveFile(file: FileToSave): void;
}
