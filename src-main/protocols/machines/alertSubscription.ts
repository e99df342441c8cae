import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import type { Core } from "../../core/core.ts";
import { maySeeGroup } from "../../core/identity/principal.ts";
import { viewAlert, viewRule } from "./requests/alertViews.ts";
import type { SubscriptionsOptions } from "./subscriptions.ts";

/** Changes are gathered this long: an alert that changes twice in it is told once. */
const gatherTime = 250;

/** Tells a console of the alerts on nodes that its user sees, and of the rules that concern them. */
export function alertSubscription(options: SubscriptionsOptions): Disposable {
  const { core, principal, push, hasRoom } = options;
  const owned = new DisposableStore();
  const changed = new Set<string>();
  let timer: Disposable | undefined;
  const schedule = (): void => {
    if (!owned.disposed) timer ??= core.clock.schedule(gatherTime, flush);
  };
  const flush = (): void => {
    timer = undefined;
    // A console that does not keep up is told when it does, and then only how things are by then.
    if (!hasRoom()) {
      schedule();
      return;
    }
    const ids = [...changed];
    changed.clear();
    for (const id of ids) void tell(id);
  };
  const tell = async (id: string): Promise<void> => {
    const alert = await core.alerts.get(id).catch(() => undefined);
    if (alert === undefined || owned.disposed || !isVisible(alert.nodeId)) return;
    push("alert-changed", { alert: viewAlert(alert) });
  };
  const isVisible = (nodeId: string): boolean => {
    const node = core.nodes.get(nodeId);
    return node !== undefined && maySeeGroup(principal(), node.group);
  };
  owned.add(
    core.bus.subscribe("alert-changed", ({ alertId, nodeIds }) => {
      if (!nodeIds.some(isVisible)) return;
      changed.add(alertId);
      schedule();
    }),
  );
  owned.add(
    core.bus.subscribe("alert-rule-changed", ({ ruleId }) => {
      push("alert-rule-changed", { ruleId, rule: visibleRule(core, ruleId, options) });
    }),
  );
  owned.add({ dispose: () => timer?.dispose() });
  return owned;
}

function visibleRule(core: Core, ruleId: string, { principal }: SubscriptionsOptions) {
  const rule = core.alerts.rule(ruleId);
  return rule === undefined ? null : (viewRule(rule, principal(), core) ?? null);
}
