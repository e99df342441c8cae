import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Over this socket file instead of the URL's host and port. */
  readonly socketPath?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One HTTP request exactly as it is given: no header is added but the host, and the path is sent as it is written. */
export function request(base: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, socketPath } = options;
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const where = socketPath === undefined ? { hostname, port } : { socketPath };
    const outgoing = httpRequest({ ...where, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, text: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export interface PostOptions {
  /** A text is sent as it is. */
  readonly body: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

/** A POST of JSON. */
export function postJson(base: string, path: string, { body, headers = {} }: PostOptions): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return request(base, path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
  });
}
