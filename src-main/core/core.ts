import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Bus } from "../bus/bus.ts";
import { LocalBus } from "../bus/localBus.ts";
import { Database } from "../store/database.ts";
import { Alerts } from "./alerts/alerts.ts";
import { AuditLog } from "./audit/auditLog.ts";
import { Commands } from "./commands/commands.ts";
import { Containers } from "./containers/containers.ts";
import { type Documents, type DocumentsSettings, openDocuments } from "./documents/documents.ts";
import { DocumentServers } from "./documents/servers/documentServers.ts";
import { RelayTickets } from "./documents/servers/relayTickets.ts";
import { HostMonitor } from "./host/hostMonitor.ts";
import { ApiKeys } from "./identity/apiKeys.ts";
import type { DocumentTokens } from "./identity/documentTokens.ts";
import { EnrolmentTokens } from "./identity/enrolmentTokens.ts";
import { openIdentity } from "./identity/identity.ts";
import { defaultPasswordPolicy, type PasswordPolicy } from "./identity/passwordPolicy.ts";
import type { Permissions } from "./identity/permissions.ts";
import type { Sessions } from "./identity/sessions.ts";
import { loadSigningKey } from "./identity/signingKey.ts";
import { Tickets } from "./identity/tickets.ts";
import type { TwoFactor } from "./identity/twoFactor.ts";
import type { UserGroups } from "./identity/userGroups.ts";
import type { Users } from "./identity/users.ts";
import { CoreEvents } from "./logs/coreEvents.ts";
import type { LogLimits } from "./logs/logRetention.ts";
import { LogStore } from "./logs/logStore.ts";
import type { MetricRetentionTimes } from "./metrics/metricRetention.ts";
import { MetricStore } from "./metrics/metricStore.ts";
import { NodeRegistry } from "./nodes/nodeRegistry.ts";
import { NodeWatch } from "./nodes/nodeWatch.ts";
import { Notifications } from "./notifications/notifications.ts";
import { Rooms } from "./rooms/rooms.ts";
import { RoomTokens } from "./rooms/roomTokens.ts";
import { StreamBroker } from "./streams/streamBroker.ts";

export interface CoreOptions {
  /** The core's folder inside the data folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly allowDefaultToken: boolean;
  readonly retention: MetricRetentionTimes;
  /** Bytes of history before the oldest goes; 0: no cap. */
  readonly maxMetricBytes: number;
  /** Bytes the database file may have at all; 0: as many as the disk has. */
  readonly maxDatabaseBytes: number;
  /** How long lines of logs are kept, and how many bytes of them. */
  readonly logLimits: LogLimits;
  readonly documents: DocumentsSettings;
  /** @default `defaultPasswordPolicy` */
  readonly passwordPolicy?: PasswordPolicy | undefined;
}

/** The server's nouns. None of them knows a protocol. */
export interface Core {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bus: Bus;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly passwordPolicy: PasswordPolicy;
  readonly users: Users;
  readonly userGroups: UserGroups;
  readonly permissions: Permissions;
  readonly twoFactor: TwoFactor;
  readonly sessions: Sessions;
  readonly documentTokens: DocumentTokens;
  readonly tickets: Tickets;
  readonly tokens: EnrolmentTokens;
  readonly apiKeys: ApiKeys;
  readonly nodes: NodeRegistry;
  readonly nodeWatch: NodeWatch;
  readonly metrics: MetricStore;
  readonly logs: LogStore;
  readonly commands: Commands;
  readonly containers: Containers;
  readonly alerts: Alerts;
  readonly notifications: Notifications;
  readonly streams: StreamBroker;
  readonly roomTokens: RoomTokens;
  readonly rooms: Rooms;
  readonly documents: Documents;
  readonly documentServers: DocumentServers;
  readonly relayTickets: RelayTickets;
  readonly host: HostMonitor;
  /** Stores what is on its way and closes everything. */
  close(): Promise<void>;
}

/**
 * Opens the nouns in their order.
 *
 * @throws {PicketError} `DATA_FOLDER_TOO_NEW`, `DATABASE_ERROR`
 */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { folder, clock } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const signingKey = loadSigningKey(join(folder, "signing-key"));
  const database = await Database.open({ file: join(folder, "picket.db"), maxBytes: options.maxDatabaseBytes });
  let logs: LogStore | undefined;
  try {
    logs = await LogStore.open({
      file: join(folder, "logs.db"),
      clock,
      logger: options.logger.child("logs"),
      limits: options.logLimits,
    });
    return await openNouns(options, { database, logs, signingKey });
  } catch (error) {
    await logs?.close();
    await database.close();
    throw error;
  }
}

interface Opened {
  readonly database: Database;
  readonly logs: LogStore;
  readonly signingKey: Uint8Array;
}

async function openNouns(options: CoreOptions, { database, logs, signingKey }: Opened): Promise<Core> {
  const { clock, logger } = options;
  const bus = new LocalBus(logger.child("bus"));
  const common = { database, bus, clock };
  const audit = await AuditLog.open(common);
  const identity = await openIdentity({
    ...common,
    audit,
    folder: options.folder,
    signingKey,
    passwordPolicy: options.passwordPolicy ?? defaultPasswordPolicy,
  });
  const nodes = await NodeRegistry.open({ ...common, logger: logger.child("nodes") });
  const metrics = await MetricStore.open({
    database,
    clock,
    logger: logger.child("metrics"),
    retention: options.retention,
    maxBytes: options.maxMetricBytes,
  });
  metrics.onHealth((failure) => {
    bus.publish("storage-changed", { failure: failure?.details ?? failure?.message ?? null });
  });
  const commands = await Commands.open({ ...common, logger: logger.child("commands"), nodes });
  const coreEvents = new CoreEvents({ bus, nodes, commands, logs, clock, logger: logger.child("logs") });
  const containers = new Containers({ nodes, bus });
  const notifications = await Notifications.open({
    folder: options.folder,
    database,
    clock,
    logger: logger.child("notifications"),
  });
  const alerts = await Alerts.open({
    ...common,
    logger: logger.child("alerts"),
    nodes,
    metrics,
    logs,
    containers,
    notify: (content, channels) => notifications.notify(content, channels),
  });
  const documents = await openDocuments({
    folder: options.folder,
    database,
    clock,
    logger: logger.child("documents"),
    permissions: identity.permissions,
    ...options.documents,
  });
  const host = new HostMonitor(clock);
  const streams = new StreamBroker({ nodes, audit, commands, users: identity.users, bus });
  const roomTokens = new RoomTokens(common);
  const rooms = new Rooms({ tokens: roomTokens, bus, clock });
  return {
    ...common,
    logger,
    audit,
    ...identity,
    tickets: new Tickets(clock),
    tokens: new EnrolmentTokens({ ...common, allowDefaultToken: options.allowDefaultToken }),
    apiKeys: new ApiKeys({ ...common, nodes }),
    nodes,
    nodeWatch: new NodeWatch(nodes),
    metrics,
    logs,
    commands,
    containers,
    alerts,
    notifications,
    streams,
    roomTokens,
    rooms,
    documents,
    documentServers: new DocumentServers(common),
    relayTickets: new RelayTickets(clock),
    host,
    async close() {
      await documents.close();
      await alerts.close();
      await notifications.close();
      coreEvents.dispose();
      rooms.dispose();
      streams.dispose();
      commands.dispose();
      containers.dispose();
      nodes.dispose();
      host.dispose();
      await nodes.flush();
      await metrics.close();
      await logs.close();
      await database.close();
    },
  };
}
