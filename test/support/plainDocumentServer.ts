import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";

type Json = Readonly<Record<string, unknown>>;

export interface PlainServerOptions {
  /**
   * `plain`: frames of 8192 bytes, and nothing but the size and the hash may be announced. `chunked`: the client may name
   * its largest frame. `raw`: as `plain`, and downloads are raw frames with a closing answer.
   */
  readonly kind?: "plain" | "chunked" | "raw";
  /** Bytes of a chunk of a download. @default 2 MiB */
  readonly chunkBytes?: number;
  /** Spoils what it sends or says. */
  readonly spoil?: "chunk" | "hash" | "size" | "key" | "order";
  /** Seconds that a token lives. @default 3600 */
  readonly tokenLife?: number;
  /** Answers nothing to these actions. */
  readonly silentOn?: readonly string[];
  readonly code?: string;
}

interface Reader {
  next(): Promise<{ readonly bytes: Buffer; readonly isBinary: boolean }>;
}

/**
 * Somebody else's documents server of version 3, written from the protocol's document alone: it knows one user, the tasks
 * that a test gives it, and nothing of Picket's extensions.
 */
export class PlainDocumentServer {
  /** Every request, as it came. */
  readonly requests: Json[] = [];
  /** Content of downloads, by task. */
  readonly downloads = new Map<string, Buffer>();
  /** Tasks that take an upload, and what came for them. */
  readonly uploads = new Map<string, Buffer | undefined>();
  /** Frame lengths of every upload, in order. */
  readonly frames: number[] = [];
  readonly used = new Set<string>();
  /** Tokens that are good. */
  readonly tokens = new Set<string>();
  /** Seconds since 1970, as this server has it. */
  now: () => number = () => Date.now() / 1000;
  lockdown = false;
  readonly #options: PlainServerOptions;
  readonly #server: WebSocketServer;
  readonly #listeners = new Set<WebSocket>();

  private constructor(server: WebSocketServer, options: PlainServerOptions) {
    this.#server = server;
    this.#options = options;
    server.on("connection", (socket) => void this.#serve(socket));
  }

  static async start(
    context: Pick<TestContext, "after">,
    options: PlainServerOptions = {},
  ): Promise<PlainDocumentServer> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, maxPayload: 1_048_576 });
    await once(server, "listening");
    context.after(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    return new PlainDocumentServer(server, options);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Actions that were asked for, in order. */
  get actions(): readonly unknown[] {
    return this.requests.map(({ action }) => action);
  }

  /** Drops every connection. */
  dropAll(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  /** Tells listeners, in a binary frame as servers that exist do. */
  setLockdown(status: boolean): void {
    this.lockdown = status;
    for (const socket of this.#listeners) socket.send(Buffer.from(JSON.stringify({ action: "lockdown", status })));
  }

  async #serve(socket: WebSocket): Promise<void> {
    const reader = readerOf(socket);
    try {
      for (;;) {
        const { bytes } = await reader.next();
        await this.#answer(socket, reader, JSON.parse(bytes.toString("utf8")) as Json);
      }
    } catch {
      socket.terminate();
    }
  }

  async #answer(socket: WebSocket, reader: Reader, request: Json): Promise<void> {
    this.requests.push(request);
    const { action } = request;
    const data = request["data"] as Json;
    if (this.#options.silentOn?.includes(String(action)) === true) return;
    const say = (code: number, message: string, of: Json = {}): void =>
      socket.send(JSON.stringify({ code, message, data: of, timestamp: this.now() }));
    const extra = Object.keys(data).find((name) => !(allowed[String(action)] ?? []).includes(name));
    if (extra !== undefined) {
      say(400, `Additional properties are not allowed ('${extra}' was unexpected)`, {
        validator: "additionalProperties",
        validator_value: false,
      });
    } else if (action === "download_file") await this.#download(socket, reader, String(data["task_id"]));
    else if (action === "upload_file") await this.#upload(socket, reader, String(data["task_id"]));
    else this.#answerRequest(socket, request, say);
  }

  #answerRequest(socket: WebSocket, request: Json, say: (code: number, message: string, data?: Json) => void): void {
    const data = request["data"] as Json;
    const isKnown = request["username"] === "ann" && this.tokens.has(String(request["token"]));
    switch (request["action"]) {
      case "server_info":
        say(200, "Server information retrieved successfully", {
          server_name: "CFMS WebSocket Server",
          version: "0.1.0.250919_alpha",
          protocol_version: 3,
          lockdown: this.lockdown,
        });
        break;
      case "register_listener":
        this.#listeners.add(socket);
        say(200, "registered as a listener");
        break;
      case "login":
        if (data["password"] !== "secret") say(401, "Invalid credentials");
        else if (this.#options.code !== undefined && data["2fa_token"] === undefined) {
          say(202, "Two-factor authentication required", { method: "totp" });
        } else say(200, "Login successful", { ...this.#newToken(), nickname: null, permissions: [], groups: ["user"] });
        break;
      case "refresh_token":
        if (isKnown) say(200, "Token refreshed successfully", this.#newToken());
        else say(400, "Invalid or expired token");
        break;
      default:
        if (!isKnown) say(403, "Invalid user or token");
        else if (request["action"] === "list_directory") say(200, "Directory listing successful", emptyFolder);
        else if (request["action"] === "validate_2fa") say(401, "Invalid verification code");
        else say(404, "Document not found");
    }
  }

  #newToken(): Json {
    const token = randomBytes(8).toString("hex");
    this.tokens.add(token);
    return { token, exp: this.now() + (this.#options.tokenLife ?? 3600) };
  }

  async #download(socket: WebSocket, reader: Reader, taskId: string): Promise<void> {
    const { kind, spoil, chunkBytes = 2_097_152 } = this.#options;
    const content = this.downloads.get(taskId);
    if (content === undefined) return refuse(socket, 404, "Task not found");
    if (this.used.has(taskId)) return refuse(socket, 400, "Task is not in a valid state for download");
    const total = Math.ceil(content.length / chunkBytes);
    const sha256 = content.length === 0 ? null : hashOf(spoil === "hash" ? Buffer.from("other") : content);
    const size = content.length + (spoil === "size" ? 1 : 0);
    send(socket, "transfer_file", { sha256, file_size: size, chunk_size: chunkBytes, total_chunks: total });
    const word = await reader.next();
    if (word.isBinary || word.bytes.toString("utf8") !== "ready") {
      return refuse(socket, 400, "Client not ready for file transfer");
    }
    if (content.length === 0) return;
    const key = randomBytes(32);
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-256-cfb8", key, iv);
    for (let index = 0; index < total; index += 1) {
      const plain = content.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      const sent = spoil === "chunk" && index === total - 1 ? Buffer.alloc(plain.length) : plain;
      if (kind === "raw") socket.send(sent);
      else {
        send(socket, "file_chunk", {
          index: spoil === "order" ? index + 1 : index,
          hash: hashOf(plain),
          iv: index === 0 ? iv.toString("base64") : "",
          chunk: cipher.update(sent).toString("base64"),
        });
      }
    }
    this.used.add(taskId);
    if (kind === "raw") {
      socket.send(JSON.stringify({ code: 200, message: "done", data: { sha256, file_size: content.length } }));
    } else send(socket, "aes_key", { key: (spoil === "key" ? randomBytes(32) : key).toString("base64") });
  }

  async #upload(socket: WebSocket, reader: Reader, taskId: string): Promise<void> {
    const isChunked = this.#options.kind === "chunked";
    if (!this.uploads.has(taskId)) return refuse(socket, 404, "Task not found");
    if (this.used.has(taskId)) return refuse(socket, 400, "Task is not in a valid state for upload");
    socket.send(JSON.stringify({ action: "transfer_file", data: {}, message: "waiting for file transfer" }));
    const head = JSON.parse((await reader.next()).bytes.toString("utf8")) as Json;
    const data = head["data"] as { file_size: number; sha256?: string | null; max_chunk_size?: number };
    const names = isChunked ? ["file_size", "sha256", "max_chunk_size"] : ["file_size", "sha256"];
    if (head["action"] !== "transfer_file" || Object.keys(data).some((name) => !names.includes(name))) {
      return refuse(socket, 400, "Invalid request for file transfer");
    }
    if (data.file_size === 0) {
      this.uploads.set(taskId, Buffer.alloc(0));
      socket.send("stop");
      return;
    }
    const frameBytes = isChunked ? Math.min(data.max_chunk_size ?? 65_536, 65_536) : 8192;
    socket.send(isChunked ? `ready ${frameBytes}` : "ready");
    const parts: Buffer[] = [];
    for (let last = frameBytes; last === frameBytes; ) {
      const { bytes, isBinary } = await reader.next();
      if (!isBinary) return refuse(socket, 500, "a bytes-like object is required");
      last = bytes.length;
      this.frames.push(last);
      parts.push(bytes);
    }
    const content = Buffer.concat(parts);
    const got = content.length;
    if (got !== data.file_size) {
      return refuse(socket, 400, `File size mismatch: expected ${data.file_size}, got ${got}`);
    }
    if (typeof data.sha256 === "string" && data.sha256 !== hashOf(content)) {
      return refuse(socket, 400, `SHA256 mismatch: expected ${data.sha256}, got ${hashOf(content)}`);
    }
    this.uploads.set(taskId, content);
    this.used.add(taskId);
    refuse(socket, 200, "File received successfully");
  }
}

/** What may stand in the data of an action; anything else is refused. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  download_file: ["task_id"],
  upload_file: ["task_id"],
  login: ["username", "password", "2fa_token"],
  list_directory: ["folder_id"],
  get_document: ["document_id"],
  validate_2fa: ["token"],
};

const emptyFolder = { parent_id: null, documents: [], folders: [] };

function send(socket: WebSocket, action: string, data: Json): void {
  socket.send(JSON.stringify({ action, data }));
}

function refuse(socket: WebSocket, code: number, message: string): void {
  socket.send(JSON.stringify({ code, message, data: {}, timestamp: Date.now() / 1000 }));
}

function hashOf(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Messages of a socket one after another; fails when the socket is gone. */
function readerOf(socket: WebSocket): Reader {
  const queue: { readonly bytes: Buffer; readonly isBinary: boolean }[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  socket.on("message", (bytes: Buffer, isBinary: boolean) => {
    queue.push({ bytes, isBinary });
    wake?.();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    isOver = true;
    wake?.();
  });
  return {
    async next() {
      for (;;) {
        const first = queue.shift();
        if (first !== undefined) return first;
        if (isOver) throw new Error("the client went away");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
