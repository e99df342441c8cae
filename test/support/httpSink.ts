import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { eventually } from "./eventually.ts";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpSink {
  readonly url: string;
  readonly received: readonly Received[];
  /** Waits until so many requests have come. */
  count(wanted: number): Promise<readonly Received[]>;
}

/** What a sink answers the request of this number with, counted from 0; undefined: nothing, ever. */
export type Answering = (index: number) => { readonly status: number; readonly body?: string } | undefined;

/** Somebody's web server that keeps what it is sent. */
export async function openHttpSink(
  context: Pick<TestContext, "after">,
  answering: Answering = () => ({ status: 200, body: "ok" }),
): Promise<HttpSink> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => {});
    request.on("end", () => {
      const index = received.length;
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      const answer = answering(index);
      if (answer !== undefined) response.writeHead(answer.status).end(answer.body ?? "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=pkt-secret`,
    received,
    count: (wanted) =>
      eventually(() => (received.length >= wanted ? received : undefined), { what: `${wanted} requests` }),
  };
}
