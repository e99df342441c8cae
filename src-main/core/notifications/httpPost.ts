import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface HttpPost {
  /** `http` or `https`. */
  readonly url: URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request and its socket. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** As far as somebody will read it. */
  readonly text: string;
}

const longestAnswer = 2_000;

/** Posts JSON over a connection of its own. Redirects are not followed: an address is where it was set to. */
export function httpPost({ url, body, headers = {}, signal }: HttpPost): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const options = {
      method: "POST",
      agent: false,
      signal,
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "picket", ...headers },
    };
    const outgoing = send(url, options, (response) => {
      let text = "";
      const finish = (): void => {
        resolve({ status: response.statusCode ?? 0, text: text.slice(0, longestAnswer) });
        outgoing.destroy();
      };
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length >= longestAnswer) finish();
      });
      response.on("end", finish);
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
