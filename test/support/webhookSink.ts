import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { eventually } from "./eventually.ts";

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookSink {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Everything that was posted so far. */
  readonly posted: readonly Posted[];
  /** The first post whose body fits, once it is there. */
  received(pattern: RegExp): Promise<Posted>;
}

/** A server that takes whatever is posted to it and answers `status` and `answer`. */
export async function startWebhookSink(
  context: Pick<TestContext, "after">,
  { status = 200, answer = "taken" }: { readonly status?: number; readonly answer?: string } = {},
): Promise<WebhookSink> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      posted.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(status, { connection: "close" }).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    received(pattern) {
      return eventually(() => posted.find(({ body }) => pattern.test(body)), { what: `a post with ${pattern}` });
    },
  };
}
