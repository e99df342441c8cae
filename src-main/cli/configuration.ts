import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Document } from "yaml";
import { type LogFormat, type LogLevel, logFormats, logLevels } from "../base/logger.ts";
import { type PasswordRules, passwordClasses } from "./passwordRules.ts";
import { readServers, type UpstreamConfiguration } from "./readServers.ts";
import { environmentName, type RawSettings, type SettingKey, settingKeys, settings } from "./settings.ts";
import { UsageError } from "./usageError.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly protocol: string | undefined;
  readonly tls: boolean;
}

/** Everything that decides what a start does, checked. */
export interface Configuration {
  readonly roles: { readonly core: boolean; readonly agent: boolean };
  readonly dataFolder: string;
  readonly listen: readonly ListenAddress[];
  readonly upstreams: readonly UpstreamConfiguration[];
  readonly policyFile: string;
  readonly tlsCaFile: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowDefaultToken: boolean;
  /** Bytes; 0 is no limit. */
  readonly historyBytes: number;
  readonly databaseBytes: number;
  /** How long lines of logs are kept. */
  readonly logDays: number;
  /** Bytes; 0 is no limit. */
  readonly logBytes: number;
  /** Bytes of documents that one user may keep; 0 is no limit but the disk. */
  readonly documentQuota: number;
  /** Bytes of the largest file among documents; 0 is no limit but the disk. */
  readonly documentMaxSize: number;
  /** How long the bin keeps deleted documents. */
  readonly documentBinDays: number;
  readonly passwordPolicy: PasswordRules;
  readonly openBrowser: boolean;
  readonly adminPassword: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly traceWire: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigurationInput {
  /** The settings of the command line. */
  readonly flags: RawSettings;
  readonly env: Environment;
  readonly configFile: string | undefined;
  readonly defaultDataFolder: string;
}

const defaultListen = "127.0.0.1:9999";
const defaultHistory = 20 * 10 ** 9;
const defaultLogs = 5 * 10 ** 9;
const defaultLogDays = 30;
const defaultBinDays = 30;
const listenProtocols = ["nodes", "machines", "monitoring", "rooms", "documents"];

/** @throws {UsageError} which setting is wrong, where it stands, and what it should be */
export async function readConfiguration(input: ConfigurationInput): Promise<Configuration> {
  const file = input.configFile === undefined ? {} : await readFile(input.configFile);
  const raw: RawSettings = { ...file, ...fromEnvironment(input.env), ...input.flags };
  const agentOnly = switchOf(raw, "agent-only");
  const coreOnly = switchOf(raw, "core-only");
  if (agentOnly && coreOnly) throw new UsageError("--agent-only and --core-only exclude each other");
  const upstreams = readServers(raw);
  if (agentOnly && upstreams.length === 0)
    throw new UsageError("--agent-only needs --server URL: where should it report to?");
  const dataFolder = resolve(textOf(raw, "data") ?? input.defaultDataFolder);
  const tls = readTls(raw);
  return {
    roles: { core: !agentOnly, agent: !coreOnly },
    dataFolder,
    listen: readListen(raw, tls !== undefined),
    upstreams,
    policyFile: fileOf(raw, "policy") ?? join(dataFolder, "policy.yaml"),
    tlsCaFile: fileOf(raw, "tls-ca"),
    tls,
    allowedHosts: textsOf(raw, "allowed-host"),
    allowDefaultToken: switchOf(raw, "allow-default-token"),
    historyBytes: sizeOf(raw, "history-size", defaultHistory),
    databaseBytes: sizeOf(raw, "database-size", 0),
    logDays: daysOf(raw, "log-days", defaultLogDays),
    logBytes: sizeOf(raw, "log-size", defaultLogs),
    documentQuota: sizeOf(raw, "document-quota", 0),
    documentMaxSize: sizeOf(raw, "document-max-size", 0),
    documentBinDays: daysOf(raw, "document-bin-days", defaultBinDays),
    passwordPolicy: readPasswordRules(raw),
    openBrowser: !switchOf(raw, "no-open"),
    adminPassword: input.env["PICKET_ADMIN_PASSWORD"] || undefined,
    logLevel: choiceOf(raw, "log-level", logLevels) ?? "info",
    logFormat: choiceOf(raw, "log-format", logFormats) ?? "text",
    traceWire: switchOf(raw, "trace-wire"),
  };
}

async function readFile(file: string): Promise<RawSettings> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const values = valuesOf(document, file);
  if (values === null) return {};
  if (!isMap(document.contents)) throw new UsageError(`the configuration file ${file} must be a map of keys`);
  const raw: Record<string, { value: unknown; from: string }> = {};
  for (const { key: node } of document.contents.items) {
    const key = String(node);
    const offset = isScalar(node) ? node.range?.[0] : undefined;
    const place = offset === undefined ? file : `${file}, line ${lines.linePos(offset).line}`;
    if (key !== "servers" && !settingKeys.some((known) => known === key))
      throw new UsageError(`${place}: the key "${key}" is not known`);
    raw[key] = { value: values[key], from: `${place}: "${key}"` };
  }
  return raw;
}

function valuesOf(document: Document.Parsed, file: string): Readonly<Record<string, unknown>> | null {
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(file, error);
  try {
    return document.toJS();
  } catch (unresolved) {
    throw unreadable(file, unresolved as Error);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error as Error);
  }
}

function unreadable(file: string, { message }: Error): UsageError {
  const [reason = ""] = message.split("\n");
  return new UsageError(`the configuration file ${file} cannot be read: ${reason.replace(/:$/, "")}`);
}

function fromEnvironment(env: Environment): RawSettings {
  const raw: RawSettings = {};
  for (const key of settingKeys) {
    const name = environmentName(key);
    const value = env[name];
    if (value === undefined || value === "") continue;
    raw[key] = { value: settings[key].kind === "texts" ? value.split(";") : value, from: name };
  }
  return raw;
}

function textOf(raw: RawSettings, key: SettingKey): string | undefined {
  const entry = raw[key];
  if (entry === undefined) return undefined;
  if (typeof entry.value === "number") return String(entry.value);
  if (typeof entry.value === "string" && entry.value !== "") return entry.value;
  throw new UsageError(`${entry.from} must be a text`);
}

function textsOf(raw: RawSettings, key: SettingKey): readonly string[] {
  const entry = raw[key];
  if (entry === undefined) return [];
  const list: unknown[] = Array.isArray(entry.value) ? entry.value : [entry.value];
  return list.map((item) => {
    if (typeof item !== "string" || item === "")
      throw new UsageError(`${entry.from} must be a text or a list of texts`);
    return item;
  });
}

function fileOf(raw: RawSettings, key: SettingKey): string | undefined {
  const text = textOf(raw, key);
  return text === undefined ? undefined : resolve(text);
}

function switchOf(raw: RawSettings, key: SettingKey): boolean {
  const entry = raw[key];
  if (entry === undefined) return false;
  const { value } = entry;
  if (value === true || value === "true" || value === "1" || value === "yes") return true;
  if (value === false || value === "false" || value === "0" || value === "no") return false;
  throw new UsageError(`${entry.from} must be true or false`);
}

function choiceOf<T extends string>(raw: RawSettings, key: SettingKey, choices: readonly T[]): T | undefined {
  const text = textOf(raw, key);
  if (text === undefined) return undefined;
  const choice = choices.find((one) => one === text);
  if (choice === undefined)
    throw new UsageError(`${raw[key]?.from} must be one of ${choices.join(", ")}, not "${text}"`);
  return choice;
}

const units: Readonly<Record<string, number>> = { "": 1, K: 10 ** 3, M: 10 ** 6, G: 10 ** 9, T: 10 ** 12 };

function sizeOf(raw: RawSettings, key: SettingKey, otherwise: number): number {
  const text = textOf(raw, key);
  if (text === undefined) return otherwise;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text) ?? [];
  const factor = units[(unit ?? "").toUpperCase()];
  if (digits === undefined || factor === undefined) {
    throw new UsageError(`${raw[key]?.from} must be a size like 500MB or 20GB, not "${text}"`);
  }
  return Math.round(Number(digits) * factor);
}

function daysOf(raw: RawSettings, key: SettingKey, otherwise: number): number {
  return wholeOf(raw, key, { what: "a number of days", least: 1, most: 3_650, otherwise });
}

interface WholeRange {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function wholeOf(raw: RawSettings, key: SettingKey, { what, least, most, otherwise }: WholeRange): number {
  const text = textOf(raw, key);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${raw[key]?.from} must be ${what} from ${least} to ${most}, not "${text}"`);
}

function readPasswordRules(raw: RawSettings): PasswordRules {
  const length = { what: "a number of characters", least: 1, most: 1024 };
  const minLength = wholeOf(raw, "password-min-length", { ...length, otherwise: 10 });
  const maxLength = wholeOf(raw, "password-max-length", { ...length, otherwise: Math.max(256, minLength) });
  if (minLength > maxLength) throw new UsageError("password-min-length is more than password-max-length");
  const mustContain = textsOf(raw, "password-must-contain").map((text) => {
    const known = passwordClasses.find((kind) => kind === text);
    if (known !== undefined) return known;
    const { from } = raw["password-must-contain"] ?? {};
    throw new UsageError(`${from} must be one of ${passwordClasses.join(", ")}, not "${text}"`);
  });
  return { minLength, maxLength, mustContain, expiresAfterDays: daysOf(raw, "password-days", 0) };
}

function readTls(raw: RawSettings): Configuration["tls"] {
  const certFile = fileOf(raw, "tls-cert");
  const keyFile = fileOf(raw, "tls-key");
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) throw new UsageError("--tls-cert and --tls-key go together");
  return { certFile, keyFile };
}

function readListen(raw: RawSettings, hasTls: boolean): readonly ListenAddress[] {
  const texts = textsOf(raw, "listen");
  const from = raw.listen?.from ?? "--listen";
  const listen = (texts.length === 0 ? [defaultListen] : texts).map((text) => readAddress(text, from));
  // A certificate that no address asks for is for all of them.
  const forAll = hasTls && !listen.some(({ tls }) => tls);
  return forAll ? listen.map((address) => ({ ...address, tls: true })) : listen;
}

function readAddress(text: string, from: string): ListenAddress {
  const [address = "", ...options] = text.split(",");
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  const port = Number(portText);
  if (host === undefined || port > 65_535) {
    throw new UsageError(`${from} must be HOST:PORT, like 127.0.0.1:9999 or [::1]:9999, not "${text}"`);
  }
  let protocol: string | undefined;
  let tls = false;
  for (const option of options) {
    if (option === "tls") tls = true;
    else if (option.startsWith("protocol=")) protocol = option.slice("protocol=".length);
    else throw new UsageError(`${from}: "${option}" is neither tls nor protocol=NAME`);
  }
  if (protocol !== undefined && !listenProtocols.includes(protocol)) {
    throw new UsageError(`${from}: the protocol must be one of ${listenProtocols.join(", ")}, not "${protocol}"`);
  }
  return { host, port, protocol, tls };
}
