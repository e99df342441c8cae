import type { TestContext } from "node:test";
import { Emitter } from "../../src-main/base/emitter.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { AlertRule, AlertRuleDraft } from "../../src-main/core/alerts/alertRule.ts";
import { Alerts } from "../../src-main/core/alerts/alerts.ts";
import type { ContainerEvent, LogLines } from "../../src-main/core/alerts/eventSources.ts";
import type { MetricStore } from "../../src-main/core/metrics/metricStore.ts";
import type { NotificationContent } from "../../src-main/core/notifications/notificationContent.ts";
import { append, openMetrics, type SampleOf } from "./openMetrics.ts";
import { openNodes, type TestNodes } from "./openNodes.ts";

export interface Told {
  readonly content: NotificationContent;
  readonly channels: readonly string[];
}

export interface TestAlerts extends TestNodes {
  readonly alerts: Alerts;
  readonly metrics: MetricStore;
  /** What channels were told, oldest first. */
  readonly told: Told[];
  readonly logs: Emitter<LogLines>;
  readonly containers: Emitter<ContainerEvent>;
  rule(change?: Partial<AlertRuleDraft>): Promise<AlertRule>;
  /** Lets time pass with a sample every `every` milliseconds, measured now. */
  live(values: SampleOf["values"], times: { readonly for: number; readonly every?: number }): Promise<void>;
  /** Stops the core and starts it over the same database. */
  restartAlerts(): Promise<TestAlerts>;
}

export const aRule: AlertRuleDraft = {
  name: "CPU busy",
  enabled: true,
  severity: "warning",
  scope: { kind: "all" },
  condition: { kind: "threshold", metric: "cpu_usage", comparison: "above", value: 90 },
  for: 300_000,
  quietHours: undefined,
  renotifyEvery: undefined,
  channels: [],
};

/** The alerts over a real database, without the rules of a new installation. */
export async function openAlerts(context: Pick<TestContext, "after">, given?: TestNodes): Promise<TestAlerts> {
  const nodes = given ?? (await openNodes(context));
  const { database, clock, bus } = nodes;
  if (given === undefined) await database.kysely.deleteFrom("alert_rules").execute();
  const metrics = await openMetrics(context, { database, clock });
  const told: Told[] = [];
  const logs = new Emitter<LogLines>();
  const containers = new Emitter<ContainerEvent>();
  const alerts = await Alerts.open({
    database,
    clock,
    bus,
    logger: silentLogger,
    nodes: nodes.nodes,
    metrics,
    logs: { onStored: (listener) => logs.subscribe(listener) },
    containers: { onEvent: (listener) => containers.subscribe(listener) },
    notify: (content, channels) => told.push({ content, channels }),
  });
  context.after(() => alerts.close());
  return {
    ...nodes,
    alerts,
    metrics,
    told,
    logs,
    containers,
    rule: (change = {}) => alerts.saveRule(undefined, { ...aRule, ...change }),
    async live(values, { for: lasting, every = 30_000 }) {
      for (let passed = 0; passed < lasting; passed += every) {
        clock.advance(every);
        await append(metrics, { time: clock.wallTime(), ...(values === undefined ? {} : { values }) });
      }
    },
    async restartAlerts() {
      await alerts.close();
      await metrics.close();
      return openAlerts(context, await nodes.restart());
    },
  };
}
