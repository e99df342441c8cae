import * as z from "zod/mini";
import { done, name, request, text, time, whole } from "./define.ts";

export const channelKinds = ["console", "webhook", "slack", "feishu", "dingtalk", "wecom", "email"] as const;
export type ChannelKind = (typeof channelKinds)[number];
export const notificationLanguages = ["en", "zh"] as const;
export const secretNames = ["url", "secret", "password"] as const;
/** Which secrets each kind knows. `url` is one: it carries the token of the chat. */
export const channelSecrets = {
  console: [],
  webhook: ["url", "secret"],
  slack: ["url"],
  feishu: ["url", "secret"],
  dingtalk: ["url", "secret"],
  wecom: ["url"],
  email: ["password"],
} as const satisfies Readonly<Record<ChannelKind, readonly (typeof secretNames)[number][]>>;

const id = name(64);

const email = z.object({
  host: name(253),
  port: whole(1, 65_535),
  /** `tls` from the first byte (465), `starttls` required after the greeting (587), `none` for a relay of one's own. */
  security: z.enum(["tls", "starttls", "none"]),
  /** Empty: without signing in. */
  username: text(256),
  from: name(320),
  to: z.array(name(320)).check(z.minLength(1), z.maxLength(50)),
});

const channelFields = {
  name: name(128),
  enabled: z.boolean(),
  language: z.enum(notificationLanguages),
  /** For e-mail only. */
  email: z.nullable(email),
};

const channel = z.object({
  /** The console's own channel has the id `console`; it is always there and cannot be changed. */
  channelId: z.string(),
  kind: z.enum(channelKinds),
  ...channelFields,
  /** The server's name out of the URL, or the mail server's; empty when there is none. */
  address: z.string(),
  /** Which secrets are set. They are never sent back. */
  secretsSet: z.array(z.enum(secretNames)),
  /** Notifications on their way. */
  waiting: z.number(),
  /** Notifications that were dropped because too many waited. */
  dropped: z.number(),
  lastSentAt: z.nullable(time),
  lastFailure: z.nullable(z.object({ time, message: z.string() })),
});
export type NotificationChannel = z.infer<typeof channel>;

const notification = z.object({
  notificationId: z.string(),
  channelId: z.string(),
  /** Empty for a test and a summary. */
  incidentId: z.string(),
  kind: z.enum(["firing", "update", "reminder", "resolved", "summary"]),
  state: z.enum(["waiting", "sent", "failed", "dropped"]),
  title: z.string(),
  attempts: z.number(),
  createdAt: time,
  sentAt: z.nullable(time),
  nextAttemptAt: z.nullable(time),
  error: z.nullable(z.string()),
});
export type Notification = z.infer<typeof notification>;

export const notificationRequests = {
  "notification-channel-list": request(z.object({}), z.object({ channels: z.array(channel) })),
  /** Without `channelId` a new one. A secret that is left out stays as it is; null takes it away. */
  "notification-channel-save": request(
    z.object({
      channelId: z.optional(id),
      channel: z.object({ kind: z.enum(channelKinds), ...channelFields }),
      secrets: z.prefault(
        z.object({
          url: z.optional(z.nullable(name(2048))),
          secret: z.optional(z.nullable(name(1024))),
          password: z.optional(z.nullable(name(1024))),
        }),
        {},
      ),
    }),
    z.object({ channel }),
  ),
  /** Rules that name it go on without it. */
  "notification-channel-remove": request(z.object({ channelId: id }), done),
  /** Sends one now, within ten seconds, and says what the server answered in its own words. */
  "notification-channel-test": request(
    z.object({ channelId: id }),
    z.object({ delivered: z.boolean(), answer: z.string() }),
  ),
  /** Newest first. */
  "notification-list": request(
    z.object({
      channelId: z.optional(id),
      state: z.optional(z.enum(["waiting", "sent", "failed", "dropped"])),
      before: z.optional(time),
      beforeId: z.optional(id),
      limit: z.prefault(whole(1, 500), 100),
    }),
    z.object({ notifications: z.array(notification) }),
  ),
};
