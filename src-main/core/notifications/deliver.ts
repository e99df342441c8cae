import { createHmac } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { describeError } from "../../base/errors.ts";
import { fail, type Result, succeed } from "../../base/result.ts";
import { chatFault, chatPosts } from "./chatBodies.ts";
import { httpPost } from "./httpPost.ts";
import type { NotificationChannel } from "./notificationChannel.ts";
import type { NotificationContent } from "./notificationContent.ts";
import { type NotificationText, notificationText } from "./notificationText.ts";
import { sendEmail } from "./sendEmail.ts";

export interface Delivery {
  readonly clock: Clock;
  readonly channel: NotificationChannel;
  /** Undefined for a test. */
  readonly content: NotificationContent | undefined;
  /** @default what the content says */
  readonly text?: NotificationText;
  /** The same for every try: who gets one twice can tell. */
  readonly notificationId: string;
  /** Ends it early, at shutdown. */
  readonly signal: AbortSignal;
}

/** Nobody is waited for longer. */
const deadline = 10_000;
const longestAnswer = 1_000;

/** Sends one notification, within ten seconds. Either way it says what the server said. */
export async function deliver(delivery: Delivery): Promise<Result<string, string>> {
  const late = new AbortController();
  const timer = delivery.clock.schedule(deadline, () => late.abort(new Error("no answer within 10 s")));
  const signal = AbortSignal.any([late.signal, delivery.signal]);
  try {
    return shorten(await send(delivery, signal));
  } catch (error) {
    const why: unknown = signal.aborted ? signal.reason : error;
    return shorten(fail(describeError(why)));
  } finally {
    timer.dispose();
  }
}

async function send(delivery: Delivery, signal: AbortSignal): Promise<Result<string, string>> {
  const { channel, clock } = delivery;
  const text = textOf(delivery);
  const { kind, secrets } = channel;
  switch (kind) {
    case "console":
      return succeed("");
    case "email": {
      if (channel.email === undefined) return fail("no mail server is set");
      const { email: settings } = channel;
      return succeed(await sendEmail({ settings, password: secrets.password, text, deadline, signal }));
    }
    case "webhook": {
      const body = JSON.stringify(webhookBody(delivery));
      const { status, text: answer } = await httpPost({
        url: new URL(secrets.url ?? ""),
        body,
        headers: signature(body, secrets.secret, clock.wallTime()),
        signal,
      });
      return isFine(status) ? succeed(`${status} ${answer}`) : fail(`${status} ${answer}`);
    }
    default: {
      const message = { text, secrets, url: new URL(secrets.url ?? ""), now: clock.wallTime() };
      const { url, body } = chatPosts[kind](message);
      const { status, text: answer } = await httpPost({ url, body: JSON.stringify(body), signal });
      return isFine(status) && chatFault(answer) === undefined
        ? succeed(`${status} ${answer}`)
        : fail(`${status} ${answer}`);
    }
  }
}

function textOf({ text, content, channel }: Delivery): NotificationText {
  return text ?? (content === undefined ? { title: "", body: "" } : notificationText(content, channel.language));
}

function webhookBody(delivery: Delivery): object {
  const { content, notificationId, clock } = delivery;
  const { title, body } = textOf(delivery);
  const sentAt = new Date(clock.wallTime()).toISOString();
  return {
    id: notificationId,
    kind: content?.kind ?? "test",
    sentAt,
    title,
    text: body,
    incidents: content?.incidents ?? [],
  };
}

/** `X-Picket-Signature: t=<seconds>,v1=<hex of HMAC-SHA256 over "<seconds>.<body>">`. */
function signature(body: string, secret: string | undefined, now: number): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const seconds = Math.floor(now / 1000);
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return { "x-picket-signature": `t=${seconds},v1=${digest}` };
}

function isFine(status: number): boolean {
  return status >= 200 && status < 300;
}

function shorten(result: Result<string, string>): Result<string, string> {
  return result.ok
    ? succeed(result.value.trim().slice(0, longestAnswer))
    : fail(result.error.trim().slice(0, longestAnswer));
}
