import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { ChannelSettings } from "../../src-main/core/notifications/notificationChannel.ts";
import type { NotificationContent, NotifiedIncident } from "../../src-main/core/notifications/notificationContent.ts";
import { Notifications, type SecretChange } from "../../src-main/core/notifications/notifications.ts";
import type { NotificationRecord } from "../../src-main/core/notifications/notificationTable.ts";
import type { Database } from "../../src-main/store/database.ts";
import { eventually } from "./eventually.ts";
import { ManualClock } from "./manualClock.ts";
import { openDatabase } from "./openDatabase.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface TestNotifications {
  readonly notifications: Notifications;
  readonly clock: ManualClock;
  readonly database: Database;
  readonly folder: string;
  /** Makes a channel; returns its id. */
  channel(settings: Partial<ChannelSettings>, secrets?: SecretChange): Promise<string>;
  /** Waits until the newest notification of a channel has this state. */
  newest(channelId: string, state: NotificationRecord["state"], attempts?: number): Promise<NotificationRecord>;
  restart(): Promise<TestNotifications>;
}

/** The notifications over a real database, with a clock that stands still. */
export async function openNotifications(
  context: Pick<TestContext, "after">,
  given?: Pick<TestNotifications, "clock" | "database" | "folder">,
): Promise<TestNotifications> {
  const { clock, database, folder } = given ?? {
    clock: new ManualClock(),
    database: await openDatabase(context),
    folder: temporaryFolder(context),
  };
  const notifications = await Notifications.open({ folder, database, clock, logger: silentLogger });
  context.after(() => notifications.close());
  return {
    notifications,
    clock,
    database,
    folder,
    async channel(settings, secrets = {}) {
      const base = { kind: "webhook", name: "Hook", enabled: true, language: "en", email: undefined } as const;
      return (await notifications.saveChannel(undefined, { ...base, ...settings }, secrets)).channel.id;
    },
    newest: (channelId, state, attempts) =>
      eventually(
        async () => {
          const [newest] = await notifications.list({ channelId, limit: 1 });
          const fits = newest?.state === state && (attempts === undefined || newest.attempts === attempts);
          return fits ? newest : undefined;
        },
        { what: `a notification that is ${state}` },
      ),
    async restart() {
      await notifications.close();
      return openNotifications(context, { clock, database, folder });
    },
  };
}

/** An incident of one node that began at noon. */
export function anIncident(change: Partial<NotifiedIncident> = {}): NotifiedIncident {
  return {
    incidentId: "incident-1",
    ruleId: "rule-1",
    rule: "Disk nearly full",
    severity: "critical",
    group: "default",
    startedAt: Date.parse("2026-03-01T12:00:00Z"),
    resolvedAt: undefined,
    total: 1,
    open: 1,
    alerts: [
      {
        alertId: "alert-1",
        nodeId: "node-1",
        node: "web-1",
        subject: "",
        state: "firing",
        value: 93,
        threshold: 90,
        texts: { en: "Disk usage is 93 %, above 90 %.", zh: "磁盘使用率为 93 %，高于 90 %。" },
        startedAt: Date.parse("2026-03-01T12:00:00Z"),
      },
    ],
    ...change,
  };
}

export const firing: NotificationContent = { kind: "firing", incidents: [anIncident()] };
