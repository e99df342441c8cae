import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import { type Alert, type Severity, severities } from "../../src-main/protocols/machines/messages/alerts.ts";
import type { Link } from "./link.svelte.ts";

const pageSize = 500;
/** More than anybody reads; what is above it is only counted. */
const mostPages = 4;
/** Changes are shown this much later, together: a power cut is one new list, not a thousand. */
const gatherTime = 100;

/** Every alert that is not over, of the nodes that the user may see. */
export class OpenAlerts implements Disposable {
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #alerts = new Map<string, Alert>();
  /** What was pushed while the list is being read; newer than what is read. */
  #pushed: Map<string, Alert> | undefined;
  #list = $state.raw<readonly Alert[]>([]);
  #loaded = $state(false);
  #unread = $state(0);
  #timer: Disposable | undefined;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    this.#owned.add(link.onPush("alert-changed", ({ alert }) => this.put(alert)));
    this.#owned.add(link.keepSubscribed({ topic: "alerts" }));
    this.#owned.add(link.onReady((client) => void this.#load(client)));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  /** True once all were there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get list(): readonly Alert[] {
    return this.#list;
  }

  /** How many more there are than the list has. */
  get unread(): number {
    return this.#unread;
  }

  /** How many nobody acknowledged yet. */
  readonly firing: number = $derived.by(() => this.#list.filter(({ state }) => state === "firing").length);

  readonly #byNode = $derived.by(() => Map.groupBy(this.#list, ({ nodeId }) => nodeId));

  ofNode(nodeId: string): readonly Alert[] {
    return this.#byNode.get(nodeId) ?? [];
  }

  /** The gravest of a node's open alerts; undefined: it has none. */
  worstOf(nodeId: string): Severity | undefined {
    const open = this.#byNode.get(nodeId);
    return open && severities.findLast((severity) => open.some((alert) => alert.severity === severity));
  }

  /** The answer of a request that changed an alert: shown before the push about it arrives. */
  put(alert: Alert): void {
    this.#pushed?.set(alert.alertId, alert);
    take(this.#alerts, alert);
    this.#timer ??= this.#clock.schedule(gatherTime, () => this.#show());
  }

  /** Somebody else signs in: nothing that the one before saw stays. */
  clear(): void {
    this.#alerts.clear();
    this.#loaded = false;
    this.#unread = 0;
    this.#show();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #load(client: MachinesClient): Promise<void> {
    const pushed = new Map<string, Alert>();
    this.#pushed = pushed;
    const read = new Map<string, Alert>();
    let total = 0;
    try {
      let last: Alert | undefined;
      for (let page = 0; page < mostPages; page += 1) {
        const { alerts, firing, acknowledged } = await client.request("alert-list", {
          state: "open",
          limit: pageSize,
          ...(last === undefined ? {} : { before: last.startedAt, beforeId: last.alertId }),
        });
        for (const alert of alerts) read.set(alert.alertId, alert);
        total = firing.info + firing.warning + firing.critical + acknowledged;
        last = alerts.at(-1);
        if (alerts.length < pageSize) break;
      }
    } catch {
      // The connection is gone; the next one loads again.
      if (this.#pushed === pushed) this.#pushed = undefined;
      return;
    }
    if (this.#link.client !== client) return;
    this.#unread = Math.max(0, total - read.size);
    for (const alert of pushed.values()) take(read, alert);
    this.#pushed = undefined;
    this.#alerts = read;
    this.#loaded = true;
    this.#show();
  }

  #show(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#list = [...this.#alerts.values()];
  }
}

function take(alerts: Map<string, Alert>, alert: Alert): void {
  if (alert.state === "resolved") alerts.delete(alert.alertId);
  else alerts.set(alert.alertId, alert);
}
