// The bare baseline: `ws` as it is, JSON parsed and sent back. Nothing is checked, stored or limited.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { serveCalls } from "../support/child.ts";

let server: WebSocketServer | undefined;

const calls = {
  /** Returns the port. */
  async listen(): Promise<number> {
    server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 4_096 });
    server.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => socket.send(JSON.stringify(JSON.parse(data.toString("utf8")))));
      socket.on("error", () => {});
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
};

export type EchoServer = typeof calls;

serveCalls(calls);
