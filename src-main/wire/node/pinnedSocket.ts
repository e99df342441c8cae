import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";

export interface PinnedSocketOptions {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the certificate that the server must show, lower-case hex; undefined takes any. */
  readonly fingerprint: string | undefined;
  /** Gives up after this many milliseconds. */
  readonly timeout: number;
}

export interface PinnedSocket {
  readonly socket: TLSSocket;
  /** SHA-256 of the certificate that the server showed, lower-case hex; empty when it showed none. */
  readonly fingerprint: string;
}

/**
 * Opens a TLS connection to a server by its certificate's fingerprint instead of by an authority: nothing is sent before
 * the certificate was compared.
 */
export function pinnedSocket({ host, port, fingerprint, timeout }: PinnedSocketOptions): Promise<PinnedSocket> {
  return new Promise((resolve, reject) => {
    const name = host.replace(/^\[|\]$/g, "");
    const socket = connect({
      host: name,
      port,
      rejectUnauthorized: false,
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeout, () => fail(new Error("the server does not answer")));
    socket.once("error", fail);
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.once("secureConnect", () => {
      // Asked a second time, Node does not know the certificate any more.
      const shown = (socket.getPeerX509Certificate()?.fingerprint256 ?? "").replaceAll(":", "").toLowerCase();
      if (fingerprint !== undefined && shown !== fingerprint) {
        fail(new Error(`the server shows another certificate than the one that is pinned: ${shown}`));
        return;
      }
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.off("error", fail);
      socket.on("error", () => socket.destroy());
      resolve({ socket, fingerprint: shown });
    });
  });
}
