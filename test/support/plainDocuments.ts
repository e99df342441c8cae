import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { type ClientOptions, WebSocket } from "ws";

type Context = Pick<TestContext, "after">;
type Json = Readonly<Record<string, unknown>>;

/** An envelope of the server, as it came. */
export interface DocumentsAnswer {
  readonly code: number;
  readonly message: string;
  readonly data: Json;
  readonly protocol_version?: number;
  readonly timestamp?: number;
}

export interface PlainFrame {
  readonly isBinary: boolean;
  readonly bytes: Buffer;
}

export interface PlainCredentials {
  readonly username: string | null;
  readonly token: string | null;
}

/** Milliseconds that a frame may take. */
const patience = 10_000;
const nobody: PlainCredentials = { username: "", token: "" };

/** A client of the documents protocol, written from its document alone: it keeps every frame that comes, as it came. */
export class PlainDocuments {
  /** Told every answer to a request of any client here. */
  static heard: (action: string, answer: DocumentsAnswer) => void = () => {};
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** What `request` puts into the envelope: set by `login`. */
  credentials: PlainCredentials = nobody;
  readonly #frames: PlainFrame[] = [];
  /** Somebody waits for the next frame; one at a time. */
  #wanted: { take(frame: PlainFrame): void; closed(): void } | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (bytes: Buffer, isBinary: boolean) => {
      if (this.#wanted === undefined) this.#frames.push({ bytes, isBinary });
      else this.#wanted.take({ bytes, isBinary });
    });
    socket.on("close", () => this.#wanted?.closed());
    // A client that is thrown out in the middle of a message sees its own write fail.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
  }

  /** @param url with or without a path: `core.wsUrl` leads to `/` */
  static async connect(context: Context, url: string, options: ClientOptions = {}): Promise<PlainDocuments> {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    const client = new PlainDocuments(socket);
    context.after(() => socket.terminate());
    await once(socket, "open");
    return client;
  }

  /** Connects and signs in. */
  static async signedIn(
    context: Context,
    url: string,
    { username = "admin", password }: { readonly username?: string; readonly password: string },
  ): Promise<PlainDocuments> {
    const client = await PlainDocuments.connect(context, url);
    await client.login(username, password);
    return client;
  }

  /** Frames that came and were not taken yet. */
  get waiting(): number {
    return this.#frames.length;
  }

  /** A text goes out as a text frame, bytes as a binary one, anything else as JSON. */
  send(message: unknown): void {
    const plain = typeof message === "string" || Buffer.isBuffer(message);
    this.socket.send(plain ? message : JSON.stringify(message));
  }

  /** The next frame, of whatever kind. */
  nextFrame(): Promise<PlainFrame> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wanted = undefined;
      };
      const fail = (what: string): void => {
        end();
        reject(new Error(what));
      };
      const timer = setTimeout(() => fail(`no frame came within ${patience} ms`), patience);
      this.#wanted = {
        take: (taken) => {
          end();
          resolve(taken);
        },
        closed: () => fail("closed while a frame was waited for"),
      };
      if (this.socket.readyState === WebSocket.CLOSED) this.#wanted.closed();
    });
  }

  /** The next frame, which must be text. */
  async nextText(): Promise<string> {
    const { bytes, isBinary } = await this.nextFrame();
    assert.equal(isBinary, false, "a text frame");
    return bytes.toString("utf8");
  }

  async nextJson(): Promise<Json> {
    return JSON.parse(await this.nextText()) as Json;
  }

  async nextBytes(): Promise<Buffer> {
    const { bytes, isBinary } = await this.nextFrame();
    assert.equal(isBinary, true, `a binary frame, not ${bytes.toString("utf8", 0, 200)}`);
    return bytes;
  }

  async nextAnswer(): Promise<DocumentsAnswer> {
    return (await this.nextJson()) as unknown as DocumentsAnswer;
  }

  /** Sends something as it is and waits for what is answered. */
  async ask(message: unknown): Promise<DocumentsAnswer> {
    this.send(message);
    return this.nextAnswer();
  }

  /** One action with the client's credentials, or with others. */
  async request(action: string, data: unknown = {}, credentials = this.credentials): Promise<DocumentsAnswer> {
    const answer = await this.ask({ action, data, ...credentials });
    PlainDocuments.heard(action, answer);
    return answer;
  }

  /** As `request`, for what must succeed: returns the data. */
  async done(action: string, data: unknown = {}): Promise<Json> {
    const answer = await this.request(action, data);
    assert.equal(answer.code, 200, `${action}: ${answer.code} ${answer.message} ${JSON.stringify(answer.data)}`);
    return answer.data;
  }

  /** The code of an action's answer. */
  async codeOf(action: string, data: unknown = {}): Promise<number> {
    return (await this.request(action, data)).code;
  }

  /** Signs in; from then on `request` speaks for this user. */
  async login(username: string, password: string, more: object = {}): Promise<DocumentsAnswer> {
    const answer = await this.request("login", { username, password, ...more }, nobody);
    assert.equal(answer.code, 200, `login of ${username}: ${answer.code} ${answer.message}`);
    this.credentials = { username, token: String(answer.data["token"]) };
    return answer;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
