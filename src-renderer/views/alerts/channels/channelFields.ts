import { fail, type Result, succeed } from "../../../../src-main/base/result.ts";
import {
  type ChannelKind,
  channelSecrets,
  type NotificationChannel,
} from "../../../../src-main/protocols/machines/messages/notifications.ts";
import type { ParamsInput } from "../../../../src-main/protocols/machines/messages.ts";

export type SecretName = (typeof channelSecrets)[ChannelKind][number];
type EmailSecurity = NonNullable<NotificationChannel["email"]>["security"];

/** What the form of a channel shows. Secrets are empty: what is set is not known here. */
export interface ChannelFields {
  name: string;
  kind: ChannelKind;
  enabled: boolean;
  language: NotificationChannel["language"];
  secrets: Record<SecretName, string>;
  /** Those that are to be taken away. */
  cleared: SecretName[];
  host: string;
  port: number | null | undefined;
  security: EmailSecurity;
  username: string;
  from: string;
  to: string;
}

export type ChannelSave = ParamsInput<"notification-channel-save">;
/** What is wrong with which field: the key of a text. */
export type ChannelFaults = Partial<
  Record<"name" | "url" | "host" | "port" | "from" | "to", "name" | "url" | "host" | "port" | "address">
>;

/** The usual port of each kind of encryption. */
export const mailPorts: Readonly<Record<EmailSecurity, number>> = { starttls: 587, tls: 465, none: 25 };

/** @param channel undefined: a new one */
export function channelFieldsOf(
  channel: NotificationChannel | undefined,
  language: NotificationChannel["language"],
): ChannelFields {
  const email = channel?.email;
  return {
    name: channel?.name ?? "",
    kind: channel?.kind ?? "webhook",
    enabled: channel?.enabled ?? true,
    language: channel?.language ?? language,
    secrets: { url: "", secret: "", password: "" },
    cleared: [],
    host: email?.host ?? "",
    port: email?.port ?? mailPorts.starttls,
    security: email?.security ?? "starttls",
    username: email?.username ?? "",
    from: email?.from ?? "",
    to: email?.to.join(", ") ?? "",
  };
}

/**
 * What the form says as the core is told it, or what is missing.
 *
 * @param channel the one that is changed; what is secret and set already may stay empty
 */
export function channelSaveOf(
  fields: ChannelFields,
  channel: NotificationChannel | undefined,
): Result<ChannelSave, ChannelFaults> {
  const { kind, enabled, language } = fields;
  const faults: ChannelFaults = {};
  const name = fields.name.trim();
  if (name === "") faults.name = "name";
  const known: readonly SecretName[] = channelSecrets[kind];
  const url = fields.secrets.url.trim();
  const urlSet = channel?.secretsSet.includes("url") ?? false;
  if (known.includes("url") && !(url === "" ? urlSet : /^https?:\/\/[^/\s]/i.test(url))) faults.url = "url";
  const email = kind === "email" ? emailOf(fields, faults) : null;
  if (Object.keys(faults).length > 0) return fail(faults);
  const secrets: NonNullable<ChannelSave["secrets"]> = {};
  for (const secret of known) {
    const text = secret === "url" ? url : fields.secrets[secret];
    if (text !== "") secrets[secret] = text;
    else if (fields.cleared.includes(secret)) secrets[secret] = null;
  }
  return succeed({
    ...(channel === undefined ? {} : { channelId: channel.channelId }),
    channel: { kind, name, enabled, language, email },
    secrets,
  });
}

function emailOf(fields: ChannelFields, faults: ChannelFaults): NonNullable<NotificationChannel["email"]> {
  const host = fields.host.trim();
  const from = fields.from.trim();
  // Also the commas of Chinese keyboards part them.
  const to = [...new Set(fields.to.split(/[,，;；、\s]/).filter((one) => one !== ""))];
  const port = fields.port ?? 0;
  if (host === "") faults.host = "host";
  if (!Number.isInteger(port) || port < 1 || port > 65_535) faults.port = "port";
  if (!from.includes("@")) faults.from = "address";
  if (to.length === 0 || to.some((one) => !one.includes("@"))) faults.to = "address";
  return { host, port, security: fields.security, username: fields.username.trim(), from, to };
}
