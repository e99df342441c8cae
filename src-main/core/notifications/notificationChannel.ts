import { PicketError } from "../../base/errors.ts";
import type { AlertLanguage } from "../alerts/alertTexts.ts";

/** Ways to tell somebody. The console's own is always there and needs nothing. */
export const channelKinds = ["console", "webhook", "slack", "feishu", "dingtalk", "wecom", "email"] as const;
export type ChannelKind = (typeof channelKinds)[number];

export const secretNames = ["url", "secret", "password"] as const;
export type SecretName = (typeof secretNames)[number];
export type ChannelSecrets = Readonly<Partial<Record<SecretName, string>>>;

export interface EmailSettings {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` required after the greeting, `none` for a relay of one's own. */
  readonly security: "tls" | "starttls" | "none";
  /** Empty: without signing in. */
  readonly username: string;
  readonly from: string;
  readonly to: readonly string[];
}

export interface ChannelSettings {
  readonly kind: ChannelKind;
  readonly name: string;
  readonly enabled: boolean;
  readonly language: AlertLanguage;
  /** For e-mail only. */
  readonly email: EmailSettings | undefined;
}

export interface NotificationChannel extends ChannelSettings {
  readonly id: string;
  /** They never leave the core but to the channel's own server. */
  readonly secrets: ChannelSecrets;
}

export const consoleChannel: NotificationChannel = {
  id: "console",
  kind: "console",
  name: "Console",
  enabled: true,
  language: "en",
  email: undefined,
  secrets: {},
};

const secretsOf: Readonly<Record<ChannelKind, readonly SecretName[]>> = {
  console: [],
  webhook: ["url", "secret"],
  slack: ["url"],
  feishu: ["url", "secret"],
  dingtalk: ["url", "secret"],
  wecom: ["url"],
  email: ["password"],
};

/** The server's name, for people: the rest of a URL is a secret. Empty when there is none. */
export function addressOf({ kind, email, secrets }: NotificationChannel): string {
  if (kind === "email") return email?.host ?? "";
  return secrets.url === undefined ? "" : new URL(secrets.url).host;
}

/** What the types cannot say. @throws {PicketError} `INVALID_PARAMS` */
export function checkChannel({ kind, email, secrets }: Omit<NotificationChannel, "id">): void {
  const refuse = (details: string): never => {
    throw new PicketError("INVALID_PARAMS", { details });
  };
  if (kind === "console") refuse("channel.kind: the console's channel is there already");
  if ((kind === "email") !== (email !== undefined)) refuse("channel.email: for a channel of kind email, and only then");
  for (const name of secretNames) {
    if (secrets[name] !== undefined && !secretsOf[kind].includes(name)) refuse(`secrets.${name}: not for this kind`);
  }
  if (!secretsOf[kind].includes("url")) return;
  if (secrets.url === undefined) refuse("secrets.url: missing");
  else if (!isHttp(secrets.url)) refuse("secrets.url: an http or https address expected");
}

function isHttp(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "";
}
