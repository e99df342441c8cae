import { createHmac } from "node:crypto";
import type { ChannelSecrets } from "./notificationChannel.ts";
import type { NotificationText } from "./notificationText.ts";

/** What a chat's server is sent. */
export interface ChatPost {
  readonly url: URL;
  readonly body: object;
}

export interface ChatMessage {
  readonly text: NotificationText;
  readonly secrets: ChannelSecrets;
  readonly url: URL;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type ChatKind = "slack" | "feishu" | "dingtalk" | "wecom";

/** Each chat takes a text; longer ones are refused as a whole. In characters, well below the limit in bytes. */
const longest = { slack: 3_000, feishu: 6_000, dingtalk: 6_000, wecom: 650 };

/** The message as each chat's incoming webhook wants it. */
export const chatPosts: Readonly<Record<ChatKind, (message: ChatMessage) => ChatPost>> = {
  slack: ({ text, url }) => {
    const escaped = plain(text, longest.slack).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    return { url, body: { text: escaped } };
  },
  feishu: ({ text, url, secrets, now }) => {
    const content = { text: withoutTags(plain(text, longest.feishu)) };
    const timestamp = `${Math.floor(now / 1000)}`;
    const sign = secrets.secret === undefined ? {} : { timestamp, sign: hmac(`${timestamp}\n${secrets.secret}`, "") };
    return { url, body: { ...sign, msg_type: "text", content } };
  },
  dingtalk: ({ text, url, secrets, now }) => {
    const signed = new URL(url);
    if (secrets.secret !== undefined) {
      signed.searchParams.set("timestamp", `${now}`);
      signed.searchParams.set("sign", hmac(secrets.secret, `${now}\n${secrets.secret}`));
    }
    return { url: signed, body: { msgtype: "text", text: { content: plain(text, longest.dingtalk) } } };
  },
  wecom: ({ text, url }) => {
    const content = withoutTags(plain(text, longest.wecom));
    return { url, body: { msgtype: "text", text: { content } } };
  },
};

/**
 * What is wrong by the chat's own words: they say it in the answer to a request that went well.
 *
 * @returns undefined when it was taken
 */
export function chatFault(answer: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { errcode, code, StatusCode: status } = parsed as Readonly<Record<string, unknown>>;
  return [errcode, code, status].some((value) => typeof value === "number" && value !== 0) ? answer : undefined;
}

function plain({ title, body }: NotificationText, most: number): string {
  const text = `${title}\n${body}`;
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A node's name must not call everybody in the chat (`<at user_id="all">`). */
function withoutTags(text: string): string {
  return text.replace(/</g, "‹").replace(/>/g, "›");
}

function hmac(key: string, content: string): string {
  return createHmac("sha256", key).update(content).digest("base64");
}
