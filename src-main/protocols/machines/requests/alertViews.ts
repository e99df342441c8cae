import type { Alert as CoreAlert, Silence as CoreSilence } from "../../../core/alerts/alert.ts";
import type { AlertRule as CoreRule, AlertRuleDraft as CoreRuleDraft } from "../../../core/alerts/alertRule.ts";
import type { Core } from "../../../core/core.ts";
import { maySeeGroup, type Principal } from "../../../core/identity/principal.ts";
import type { Alert, AlertRule, AlertRuleDraft, AlertScope, Silence } from "../messages/alerts.ts";

export function viewAlert(alert: CoreAlert): Alert {
  return {
    alertId: alert.id,
    ruleId: alert.ruleId,
    rule: alert.rule,
    kind: alert.kind,
    severity: alert.severity,
    state: alert.state,
    nodeId: alert.nodeId,
    subject: alert.subject,
    incidentId: alert.incidentId,
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    message: alert.message,
    startedAt: alert.startedAt,
    acknowledgedAt: alert.acknowledgedAt ?? null,
    acknowledgedBy: alert.acknowledgedBy ?? null,
    resolvedAt: alert.resolvedAt ?? null,
  };
}

export function viewSilence({ id, ruleId, nodeId, until, createdBy }: CoreSilence): Silence {
  return { silenceId: id, ruleId: ruleId ?? null, nodeId: nodeId ?? null, until, createdBy };
}

/** The rule with what of its scope the user may see; undefined when it concerns nothing of that. */
export function viewRule(rule: CoreRule, principal: Principal, core: Core): AlertRule | undefined {
  const scope = viewScope(rule.scope, principal, core);
  if (scope === undefined) return undefined;
  const { id, name, enabled, severity, condition, quietHours, renotifyEvery, createdAt, changedAt } = rule;
  return {
    ruleId: id,
    name,
    enabled,
    severity,
    scope,
    condition: { ...condition },
    for: rule.for,
    quietHours: quietHours === undefined ? null : { ...quietHours, days: [...quietHours.days] },
    renotifyEvery: renotifyEvery ?? null,
    channels: [...rule.channels],
    createdAt,
    changedAt,
  };
}

export function readRule({ quietHours, renotifyEvery, ...rest }: AlertRuleDraft): CoreRuleDraft {
  return { ...rest, quietHours: quietHours ?? undefined, renotifyEvery: renotifyEvery ?? undefined };
}

function viewScope(scope: CoreRule["scope"], principal: Principal, core: Core): AlertScope | undefined {
  switch (scope.kind) {
    case "nodes": {
      const nodeIds = scope.nodeIds.filter((id) => {
        const node = core.nodes.get(id);
        return node === undefined ? principal.groups === undefined : maySeeGroup(principal, node.group);
      });
      return nodeIds.length === 0 && principal.groups !== undefined ? undefined : { kind: "nodes", nodeIds };
    }
    case "groups": {
      const groups = scope.groups.filter((group) => maySeeGroup(principal, group));
      return groups.length === 0 ? undefined : { kind: "groups", groups };
    }
    case "tags":
      return { kind: "tags", tags: [...scope.tags] };
    case "all":
      return { kind: "all" };
  }
}
