import type { Clock } from "./base/clock.ts";
import { describeError, PicketError } from "./base/errors.ts";
import type { Logger } from "./base/logger.ts";
import { parseJson } from "./base/parseJson.ts";
import type { Core } from "./core/core.ts";
import { serverAddress } from "./core/documents/servers/documentServers.ts";
import { maxChunkMessageBytes } from "./protocols/documents/messages/transferFrames.ts";
import { parseResult, type ResultOf } from "./protocols/documents/messages.ts";
import { DocumentRelay } from "./protocols/documents/relay.ts";
import { type Connection, type ConnectionHandler, closeCode } from "./wire/connection.ts";
import { dialSocket } from "./wire/node/dialSocket.ts";
import type { KeepAlive } from "./wire/node/keepAlive.ts";
import { pinnedSocket } from "./wire/node/pinnedSocket.ts";

export interface DocumentRelayParts {
  readonly core: Core;
  readonly clock: Clock;
  readonly keepAlive: KeepAlive;
  readonly logger: Logger;
}

/** What a server says of itself, and which certificate it shows. */
export interface CheckedServer {
  readonly fingerprint: string | null;
  readonly trusted: boolean;
  readonly serverName: string;
  readonly version: string;
  readonly protocolVersion: number;
}

const patience = 10_000;

/** The relay to other people's documents servers. */
export function assembleDocumentRelay({ core, clock, keepAlive, logger }: DocumentRelayParts): DocumentRelay {
  return new DocumentRelay({
    core,
    logger,
    // Over the relay go downloads, too: servers that encrypt them put up to 4 MiB into one message.
    dial: ({ url, fingerprint }, attach) =>
      dialSocket({ url, fingerprint, clock, keepAlive, maxMessageBytes: maxChunkMessageBytes }, attach),
  });
}

/**
 * Connects to a documents server and asks what it is. A certificate that nobody vouches for is no error here: whoever
 * adds the server compares the fingerprint.
 *
 * @throws {PicketError} `INVALID_PARAMS` for a bad address, `PEER_LOST` when nothing of the kind answers there
 */
export async function checkDocumentServer(
  text: string,
  { clock, keepAlive }: Pick<DocumentRelayParts, "clock" | "keepAlive">,
): Promise<CheckedServer> {
  const url = serverAddress(text);
  try {
    const shown = url.startsWith("wss:") ? await lookAtCertificate(new URL(url)) : undefined;
    const info = await askServer((attach) =>
      dialSocket({ url, fingerprint: shown?.fingerprint, clock, keepAlive, timeout: patience }, attach),
    );
    return {
      fingerprint: shown?.fingerprint ?? null,
      trusted: shown?.trusted ?? true,
      serverName: info.server_name,
      version: info.version,
      protocolVersion: info.protocol_version,
    };
  } catch (error) {
    const details = error instanceof Error ? error.message : describeError(error);
    throw new PicketError("PEER_LOST", { message: "No documents server answers there.", details, cause: error });
  }
}

async function lookAtCertificate(url: URL): Promise<{ readonly fingerprint: string; readonly trusted: boolean }> {
  const { socket, fingerprint } = await pinnedSocket({
    host: url.hostname,
    port: Number(url.port === "" ? 443 : url.port),
    fingerprint: undefined,
    timeout: patience,
  });
  const seen = { fingerprint, trusted: socket.authorized };
  socket.destroy();
  return seen;
}

type Dial = (attach: (connection: Connection) => ConnectionHandler) => Promise<Connection>;

async function askServer(dial: Dial): Promise<ResultOf<"server_info">> {
  const { promise, resolve, reject } = Promise.withResolvers<ResultOf<"server_info">>();
  const deadline = setTimeout(() => reject(new Error("it does not answer in the documents protocol")), patience);
  let connection: Connection | undefined;
  try {
    connection = await dial(() => ({
      text(message) {
        const parsed = parseJson(message);
        const answer = parsed.ok ? (parsed.value as { readonly data?: unknown } | null) : null;
        const info = parseResult("server_info", answer?.data);
        if (info.ok) resolve(info.value);
        else reject(new Error("it does not speak the documents protocol"));
      },
      binary() {},
      closed: (code, reason) => reject(new Error(reason === "" ? `it closed the connection (${code})` : reason)),
      drained() {},
    }));
    connection.sendText(JSON.stringify({ action: "server_info", data: {}, username: "", token: "" }));
    return await promise;
  } finally {
    clearTimeout(deadline);
    promise.catch(() => {});
    connection?.close(closeCode.normal, "");
  }
}
