/** How a setting is written: once, several times, or as a switch. */
type SettingKind = "text" | "texts" | "switch";

export interface Setting {
  readonly kind: SettingKind;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

/**
 * Every setting, by its key: `--key` on the command line, `PICKET_KEY` in the environment, `key:` in the file. The
 * command line goes before the environment, the environment before the file.
 */
export const settings = {
  "agent-only": { kind: "switch", help: "only the agent: make this machine a node of --server" },
  "core-only": { kind: "switch", help: "only the core: serve agents and consoles, be no node" },
  listen: {
    kind: "texts",
    value: "HOST:PORT[,protocol=NAME][,tls]",
    help: "where the core listens; repeatable (127.0.0.1:9999)",
  },
  data: { kind: "text", value: "DIR", help: "where everything is kept" },
  server: { kind: "text", value: "URL", help: "the core that this agent reports to, like https://core.example:9999" },
  token: { kind: "text", value: "TOKEN", help: "the enrolment token, needed once; the API key; the room's token" },
  "node-id": { kind: "text", value: "ID", help: "this node's id at its first enrolment (made up otherwise)" },
  protocol: { kind: "text", value: "NAME", help: "the protocol of --server: nodes, monitoring or rooms (nodes)" },
  policy: { kind: "text", value: "FILE", help: "what the owner of this machine allows (DIR/policy.yaml)" },
  "tls-ca": { kind: "text", value: "FILE", help: "certificates in PEM that the agent trusts beside the system's" },
  "tls-cert": { kind: "text", value: "FILE", help: "the core's certificate chain in PEM" },
  "tls-key": { kind: "text", value: "FILE", help: "the key of the certificate in PEM" },
  "allowed-host": {
    kind: "texts",
    value: "NAME",
    help: "a further name that browsers may call the core by; repeatable",
  },
  "allow-default-token": { kind: "switch", help: "accept the token default-token from this machine" },
  "history-size": { kind: "text", value: "SIZE", help: "size of the history before the oldest goes, like 20GB (20GB)" },
  "database-size": { kind: "text", value: "SIZE", help: "size that the database may have at all (the disk's)" },
  "log-days": { kind: "text", value: "DAYS", help: "how long lines of logs are kept (30)" },
  "log-size": { kind: "text", value: "SIZE", help: "size of the logs before the oldest lines go, like 5GB (5GB)" },
  "document-quota": { kind: "text", value: "SIZE", help: "documents that one user may keep, like 50GB (the disk's)" },
  "document-max-size": { kind: "text", value: "SIZE", help: "the largest file among documents, like 5GB (the disk's)" },
  "document-bin-days": { kind: "text", value: "DAYS", help: "how long deleted documents can be restored (30)" },
  "password-min-length": { kind: "text", value: "N", help: "the fewest characters of a password (10)" },
  "password-max-length": { kind: "text", value: "N", help: "the most characters of a password (256)" },
  "password-must-contain": {
    kind: "texts",
    value: "KIND",
    help: "what passwords must contain: uppercase, lowercase, digit, special; repeatable",
  },
  "password-days": { kind: "text", value: "DAYS", help: "days after which a password must be changed (never)" },
  "no-open": { kind: "switch", help: "do not open the console in a browser" },
  "log-level": { kind: "text", value: "LEVEL", help: "debug, info, warn or error (info)" },
  "log-format": { kind: "text", value: "FORMAT", help: "text or json (text)" },
  "trace-wire": { kind: "switch", help: "log every message, with secrets masked" },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;
export const settingKeys = Object.keys(settings) as SettingKey[];

/** Settings as they were written, with where each was written. */
export type RawSettings = Partial<
  /** `servers` is a list of maps: it stands in the file only. */
  Record<SettingKey | "servers", { readonly value: unknown; readonly from: string }>
>;

export function environmentName(key: string): string {
  return `PICKET_${key.replaceAll("-", "_").toUpperCase()}`;
}
