import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { eventually } from "./eventually.ts";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
  readonly user: string | undefined;
}

export interface MailSink {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Waits until so many mails have come. */
  count(wanted: number): Promise<readonly Mail[]>;
}

/** Somebody's mail server that keeps what it is sent. */
export async function openMailSink(
  context: Pick<TestContext, "after">,
  options: SMTPServerOptions = {},
): Promise<MailSink> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    logger: false,
    onAuth({ username = "", password = "" }, _, done) {
      if (password === "right") done(null, { user: username });
      else done(new Error("the password is wrong"));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          user: session.user === undefined ? undefined : String(session.user),
        });
        done(null);
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  context.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    count: (wanted) => eventually(() => (mails.length >= wanted ? mails : undefined), { what: `${wanted} mails` }),
  };
}
