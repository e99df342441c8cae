import { randomUUID } from "node:crypto";
import type { TestCore } from "../../support/startCore.ts";

/** What the requests about alerts are tried on. */
export interface AlertSubject {
  /** A firing alert of the node. */
  readonly alertId: string;
  /** A rule that is off. */
  readonly ruleId: string;
  /** A channel whose server nobody answers for. */
  readonly channelId: string;
}

export const subjectRule = {
  name: "subject",
  enabled: false,
  severity: "info",
  scope: { kind: "all" },
  condition: { kind: "command-failed" },
  for: 0,
  channels: [],
} as const;

export const subjectChannel = { kind: "webhook", name: "subject", enabled: true, language: "en" } as const;
export const subjectUrl = "http://127.0.0.1:9/";

/** Makes the alert anew; rule and channel only when the former ones were removed. */
export async function makeAlertSubject({ core }: TestCore, nodeId: string): Promise<AlertSubject> {
  const rule =
    core.alerts.rules().find(({ name }) => name === subjectRule.name) ??
    (await core.alerts.saveRule(undefined, { ...subjectRule, quietHours: undefined, renotifyEvery: undefined }));
  const { channel } =
    core.notifications.channels().find((state) => state.channel.name === subjectChannel.name) ??
    (await core.notifications.saveChannel(undefined, { ...subjectChannel, email: undefined }, { url: subjectUrl }));
  const alertId = randomUUID();
  await core.database.kysely
    .insertInto("alerts")
    .values({
      id: alertId,
      rule_id: rule.id,
      rule_name: rule.name,
      kind: "command-failed",
      severity: "info",
      state: "firing",
      node_key: core.nodes.require(nodeId).key,
      subject: "",
      incident_id: "incident",
      texts_json: '{"en":"A command failed.","zh":""}',
      started_at: core.clock.wallTime(),
    })
    .execute();
  return { alertId, ruleId: rule.id, channelId: channel.id };
}
