import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import type { AlertRule } from "../../src-main/protocols/machines/messages/alerts.ts";
import type { Link } from "./link.svelte.ts";

/** The alert rules that concern the user. `OpenAlerts` keeps the subscription that tells of their changes. */
export class AlertRuleBook implements Disposable {
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #rules = $state.raw<ReadonlyMap<string, AlertRule>>(new Map());
  #loaded = $state(false);

  constructor(link: Link) {
    this.#link = link;
    this.#owned.add(
      link.onPush("alert-rule-changed", ({ ruleId, rule }) => {
        if (rule === null) this.drop(ruleId);
        else this.put(rule);
      }),
    );
    this.#owned.add(link.onReady((client) => void this.#load(client)));
  }

  /** True once all were there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** By name. */
  readonly list: readonly AlertRule[] = $derived.by(() =>
    [...this.#rules.values()].sort((a, b) => a.name.localeCompare(b.name)),
  );

  get(ruleId: string): AlertRule | undefined {
    return this.#rules.get(ruleId);
  }

  /** The answer of a request that changed a rule: shown before the push about it arrives. */
  put(rule: AlertRule): void {
    this.#rules = new Map(this.#rules).set(rule.ruleId, rule);
  }

  drop(ruleId: string): void {
    const rules = new Map(this.#rules);
    if (rules.delete(ruleId)) this.#rules = rules;
  }

  /** Somebody else signs in: nothing that the one before saw stays. */
  clear(): void {
    this.#rules = new Map();
    this.#loaded = false;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #load(client: MachinesClient): Promise<void> {
    try {
      const { rules } = await client.request("alert-rule-list", {});
      if (this.#link.client !== client) return;
      this.#rules = new Map(rules.map((rule) => [rule.ruleId, rule]));
      this.#loaded = true;
    } catch {
      // The connection is gone; the next one loads again.
    }
  }
}
