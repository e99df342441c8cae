import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import { newPublicId } from "../../identity/secrets.ts";

/** Somebody else's documents server, which this core's console reaches through the core. */
export interface DocumentServer {
  readonly id: string;
  readonly name: string;
  /** `wss:`, or `ws:` on this very machine. */
  readonly url: string;
  /** SHA-256 of the only certificate that is accepted, lower-case hex; undefined: one that the system trusts. */
  readonly fingerprint: string | undefined;
}

export interface NewDocumentServer {
  readonly name: string;
  readonly url: string;
  readonly fingerprint: string | undefined;
  readonly by: string;
}

const mostServers = 100;

/** The list of other people's documents servers. Only what stands in it is ever connected to. */
export class DocumentServers {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  async list(): Promise<DocumentServer[]> {
    const rows = await this.#database.kysely.selectFrom("document_servers").selectAll().orderBy("name").execute();
    return rows.map(({ id, name, url, fingerprint }) => ({ id, name, url, fingerprint: fingerprint ?? undefined }));
  }

  async get(id: string): Promise<DocumentServer | undefined> {
    return (await this.list()).find((server) => server.id === id);
  }

  /** @throws {PicketError} `INVALID_PARAMS` for a bad address, `CONFLICT` for a name that is taken or too many */
  async add({ name, url, fingerprint, by }: NewDocumentServer): Promise<DocumentServer> {
    if ((await this.list()).length >= mostServers) {
      throw new PicketError("CONFLICT", { message: `There are ${mostServers} document servers already.` });
    }
    const server = {
      id: newPublicId(),
      name,
      url: serverAddress(url),
      fingerprint: fingerprint === undefined ? undefined : normalFingerprint(fingerprint),
    };
    const row = {
      ...server,
      fingerprint: server.fingerprint ?? null,
      created_by: by,
      created_at: this.#clock.wallTime(),
    };
    try {
      await this.#database.transact([this.#database.kysely.insertInto("document_servers").values(row)]);
    } catch (error) {
      if (!(error instanceof PicketError) || error.code !== "CONFLICT") throw error;
      throw new PicketError("CONFLICT", { details: `there is a document server named ${name}` });
    }
    return server;
  }

  /** @throws {PicketError} `DOCUMENT_SERVER_NOT_FOUND` */
  async remove(id: string): Promise<void> {
    const [result] = await this.#database.transact([
      this.#database.kysely.deleteFrom("document_servers").where("id", "=", id),
    ]);
    if (result?.changes !== 1) throw new PicketError("DOCUMENT_SERVER_NOT_FOUND");
  }
}

/**
 * The address as it is dialled. Passwords go over it: without TLS only to this very machine.
 *
 * @throws {PicketError} `INVALID_PARAMS`
 */
export function serverAddress(text: string): string {
  const url = URL.parse(text.includes("://") ? text : `wss://${text}`);
  const wrong = (details: string) => new PicketError("INVALID_PARAMS", { details });
  if (url === null || url.hostname === "") throw wrong("url must be an address like wss://documents.example:5104");
  if (url.username !== "" || url.password !== "") throw wrong("url must not carry a user name or a password");
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "wss:" || (url.protocol === "ws:" && isLocal)) {
    url.hash = "";
    return url.href;
  }
  throw wrong("url must begin with wss://: over anything else passwords could be read on the way");
}

/** @throws {PicketError} `INVALID_PARAMS` */
function normalFingerprint(text: string): string {
  const digits = text.replaceAll(/[:\s]/g, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new PicketError("INVALID_PARAMS", { details: "fingerprint must be a SHA-256 in hex: 64 digits" });
}
