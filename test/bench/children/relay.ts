// The bare baseline of a core: passes messages between a host and a viewer, as they are.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { serveCalls } from "../support/child.ts";

let waitingHost: WebSocket | undefined;

const calls = {
  /** Returns the port. */
  async listen(): Promise<number> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    server.on("connection", (socket, request) => {
      socket.on("error", () => {});
      if (request.url === "/host") waitingHost = socket;
      else if (waitingHost !== undefined) join(socket, waitingHost);
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
};

export type Relay = typeof calls;

function join(viewer: WebSocket, host: WebSocket): void {
  waitingHost = undefined;
  viewer.on("message", (data: Buffer) => host.send(data, { binary: true }));
  host.on("message", (data: Buffer) => viewer.send(data, { binary: true }));
  viewer.on("close", () => host.close());
}

serveCalls(calls);
