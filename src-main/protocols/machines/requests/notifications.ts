import { PicketError } from "../../../base/errors.ts";
import { addressOf, type SecretName } from "../../../core/notifications/notificationChannel.ts";
import type { ChannelState } from "../../../core/notifications/notifications.ts";
import type { NotificationRecord } from "../../../core/notifications/notificationTable.ts";
import type { Notification, NotificationChannel, notificationRequests } from "../messages/notifications.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

export const notificationHandlers: Handlers<keyof typeof notificationRequests> = {
  "notification-channel-list": {
    role: "administrator",
    target: noTarget,
    async handle(_, context) {
      requireEverything(context);
      return { channels: context.core.notifications.channels().map(viewChannel) };
    },
  },
  "notification-channel-save": {
    role: "administrator",
    target: noTarget,
    audit: ({ channelId, channel, secrets }) => ({
      target: channelId ?? channel.name,
      // Which secrets were set, never what to.
      details: { ...channel, changed: Object.keys(secrets) },
    }),
    async handle({ channelId, channel, secrets }, context) {
      requireEverything(context);
      if (channelId === "console") throw new PicketError("FORBIDDEN");
      const settings = { ...channel, email: channel.email ?? undefined };
      const saved = await context.core.notifications.saveChannel(channelId, settings, secrets);
      return { channel: viewChannel(saved) };
    },
  },
  "notification-channel-remove": {
    role: "administrator",
    target: noTarget,
    audit: ({ channelId }) => ({ target: channelId }),
    async handle({ channelId }, context) {
      requireEverything(context);
      if (channelId === "console") throw new PicketError("FORBIDDEN");
      await context.core.notifications.removeChannel(channelId);
      return {};
    },
  },
  "notification-channel-test": {
    role: "administrator",
    target: noTarget,
    audit: ({ channelId }) => ({ target: channelId }),
    async handle({ channelId }, context) {
      requireEverything(context);
      const result = await context.core.notifications.test(channelId);
      return { delivered: result.ok, answer: result.ok ? result.value : result.error };
    },
  },
  "notification-list": {
    role: "administrator",
    target: noTarget,
    async handle(params, context) {
      requireEverything(context);
      return { notifications: (await context.core.notifications.list(params)).map(viewNotification) };
    },
  },
};

function viewChannel({ channel, waiting, dropped, lastSentAt, lastFailure }: ChannelState): NotificationChannel {
  const { id, kind, name, enabled, language, email, secrets } = channel;
  return {
    channelId: id,
    kind,
    name,
    enabled,
    language,
    email: email === undefined ? null : { ...email, to: [...email.to] },
    address: addressOf(channel),
    secretsSet: Object.keys(secrets) as SecretName[],
    waiting,
    dropped,
    lastSentAt: lastSentAt ?? null,
    lastFailure: lastFailure === undefined ? null : { ...lastFailure },
  };
}

function viewNotification({ id, ...record }: NotificationRecord): Notification {
  return {
    notificationId: id,
    ...record,
    sentAt: record.sentAt ?? null,
    nextAttemptAt: record.nextAttemptAt ?? null,
    error: record.error ?? null,
  };
}

/** Notifications speak of every group, and channels reach out of the house. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}
