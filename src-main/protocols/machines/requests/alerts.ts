import { PicketError } from "../../../base/errors.ts";
import type { Preview } from "../../../core/alerts/preview.ts";
import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { alertRequests } from "../messages/alerts.ts";
import { readRule, viewAlert, viewRule, viewSilence } from "./alertViews.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

const previewTask = "alert-rule-preview";
const mostPreviewed = 200;

export const alertHandlers: Handlers<keyof typeof alertRequests> = {
  "alert-list": {
    role: "viewer",
    target: ({ nodeId }) => (nodeId === undefined ? { kind: "none" } : { kind: "nodes", ids: [nodeId] }),
    async handle({ nodeId, ...params }, context) {
      const { core, nodes } = context;
      const visible = visibleKeys(context);
      const nodeKeys = nodeId === undefined ? visible : nodes.map(({ key }) => key);
      const alerts = await core.alerts.list({ ...params, nodeKeys }, params);
      const open = core.alerts.open(visible === undefined ? {} : { nodeKeys: visible });
      const firing = { info: 0, warning: 0, critical: 0 };
      for (const { state, severity } of open) if (state === "firing") firing[severity] += 1;
      const acknowledged = open.filter(({ state }) => state === "acknowledged").length;
      return { alerts: alerts.map(viewAlert), firing, acknowledged };
    },
  },
  "incident-list": {
    role: "viewer",
    target: noTarget,
    async handle(params, context) {
      const filter = { nodeKeys: visibleKeys(context), open: params.open };
      const incidents = await context.core.alerts.incidents(filter, params);
      return {
        incidents: incidents.map(({ incident, nodes }) => ({
          incidentId: incident.id,
          ruleId: incident.ruleId,
          rule: incident.rule,
          severity: incident.severity,
          group: incident.group,
          startedAt: incident.startedAt,
          resolvedAt: incident.resolvedAt ?? null,
          notifiedAt: incident.notifiedAt ?? null,
          held: incident.held,
          nodeIds: [...nodes.nodeIds],
          alerts: nodes.alerts,
          open: nodes.open,
        })),
      };
    },
  },
  "alert-acknowledge": {
    role: "operator",
    target: ({ alertIds }) => ({ kind: "alerts", ids: alertIds }),
    audit: ({ alertIds }) => ({
      target: alertIds.length === 1 ? (alertIds[0] ?? "") : `${alertIds.length} alerts`,
      details: alertIds.length === 1 ? {} : { alerts: alertIds },
    }),
    async handle({ alertIds }, { core, principal }) {
      const alerts = await Promise.all(alertIds.map((id) => core.alerts.acknowledge(id, principal.username)));
      return { alerts: alerts.map(viewAlert) };
    },
  },
  "alert-silence": {
    role: "operator",
    target: ({ nodeId }) => (nodeId === undefined ? { kind: "none" } : { kind: "nodes", ids: [nodeId] }),
    audit: ({ ruleId, nodeId, duration }) => ({ target: nodeId ?? ruleId ?? "", details: { ruleId, duration } }),
    async handle({ ruleId, duration }, context) {
      const { core, principal, nodes } = context;
      const [node] = nodes;
      if (node === undefined && ruleId === null) {
        throw new PicketError("INVALID_PARAMS", { details: "data.ruleId: a rule, a node or both expected" });
      }
      const rule = ruleId === null ? undefined : core.alerts.rule(ruleId);
      if (ruleId !== null && (rule === undefined || viewRule(rule, principal, core) === undefined)) {
        throw new PicketError("ALERT_RULE_NOT_FOUND");
      }
      // A whole rule reaches over all groups.
      if (node === undefined) requireEverything(context);
      const about = { ruleId: ruleId ?? undefined, nodeKey: node?.key };
      return { silence: viewSilence(await core.alerts.silence({ ...about, duration, createdBy: principal.username })) };
    },
  },
  "alert-silence-list": {
    role: "viewer",
    target: noTarget,
    async handle(_, context) {
      return { silences: visibleSilences(context).map(viewSilence) };
    },
  },
  "alert-silence-end": {
    role: "operator",
    target: noTarget,
    audit: ({ silenceId }) => ({ target: silenceId }),
    async handle({ silenceId }, context) {
      const silence = visibleSilences(context).find(({ id }) => id === silenceId);
      // One that is over already is as good as ended.
      if (silence === undefined) return {};
      if (silence.nodeId === undefined) requireEverything(context);
      await context.core.alerts.endSilence(silenceId);
      return {};
    },
  },
  "alert-rule-list": {
    role: "viewer",
    target: noTarget,
    async handle(_, { core, principal }) {
      const rules = core.alerts.rules().map((rule) => viewRule(rule, principal, core));
      return { rules: rules.filter((rule) => rule !== undefined) };
    },
  },
  "alert-rule-save": {
    role: "administrator",
    target: noTarget,
    audit: ({ ruleId, rule }) => ({ target: ruleId ?? rule.name, details: { rule } }),
    async handle({ ruleId, rule }, context) {
      requireEverything(context);
      const { core, principal } = context;
      const saved = viewRule(await core.alerts.saveRule(ruleId, readRule(rule)), principal, core);
      if (saved === undefined) throw new PicketError("ALERT_RULE_NOT_FOUND");
      return { rule: saved };
    },
  },
  "alert-rule-remove": {
    role: "administrator",
    target: noTarget,
    audit: ({ ruleId }) => ({ target: ruleId }),
    async handle({ ruleId }, context) {
      requireEverything(context);
      await context.core.alerts.removeRule(ruleId);
      return {};
    },
  },
  "alert-rule-preview": {
    role: "administrator",
    target: noTarget,
    async handle({ rule }, { core, principal, session }) {
      const nodes = core.nodes.list().filter(({ group }) => maySeeGroup(principal, group));
      const signal = session.startTask(previewTask);
      try {
        return viewPreview(await core.alerts.preview({ rule: readRule(rule), nodes, signal }));
      } finally {
        session.finishTask(previewTask, signal);
      }
    },
  },
  "alert-rule-preview-cancel": {
    role: "administrator",
    target: noTarget,
    async handle(_, { session }) {
      session.cancelTask(previewTask);
      return {};
    },
  },
};

function viewPreview(preview: Preview) {
  return {
    ...preview,
    nodes: preview.nodes.slice(0, mostPreviewed).map(({ nodeId, intervals }) => ({
      nodeId,
      count: intervals.length,
      intervals: intervals.slice(0, mostPreviewed).map(({ from, to }) => ({ from, to: to ?? null })),
    })),
  };
}

/** The keys of the nodes that the user may see; undefined when that is all of them. */
function visibleKeys({ core, principal }: RequestContext): readonly number[] | undefined {
  if (principal.groups === undefined) return undefined;
  return core.nodes
    .list()
    .filter(({ group }) => maySeeGroup(principal, group))
    .map(({ key }) => key);
}

function visibleSilences({ core, principal }: RequestContext) {
  return core.alerts.silences().filter(({ ruleId, nodeId }) => {
    if (nodeId !== undefined) {
      const node = core.nodes.get(nodeId);
      return node !== undefined && maySeeGroup(principal, node.group);
    }
    const rule = ruleId === undefined ? undefined : core.alerts.rule(ruleId);
    return rule !== undefined && viewRule(rule, principal, core) !== undefined;
  });
}

/** Rules reach over all groups, so only who sees all groups may change them. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}
