import type { EmailSettings } from "./notificationChannel.ts";
import type { NotificationText } from "./notificationText.ts";

export interface Email {
  readonly settings: EmailSettings;
  readonly password: string | undefined;
  readonly text: NotificationText;
  /** The longest that any step may take, in milliseconds. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a plain text over SMTP; the library is loaded when there is something to send.
 *
 * @returns what the mail server answered
 * @throws the library's error, with the server's words
 */
export async function sendEmail({ settings, password, text, deadline, signal }: Email): Promise<string> {
  const { createTransport } = await import("nodemailer");
  const { host, port, security, username, from, to } = settings;
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(username === "" ? {} : { auth: { user: username, pass: password ?? "" } }),
    connectionTimeout: deadline,
    greetingTimeout: deadline,
    socketTimeout: deadline,
    dnsTimeout: deadline,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    const sent = transport.sendMail({
      from,
      to: [...to],
      subject: text.title,
      text: text.body,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    const { response } = await Promise.race([sent, stopped]);
    return response;
  } finally {
    transport.close();
  }
}
