import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Bus } from "../../bus/bus.ts";
import type { AlertRecord, IncidentRecord } from "./alertRecord.ts";
import type { AlertTable } from "./alertTable.ts";

export interface AlertJournalOptions {
  readonly table: AlertTable;
  readonly bus: Bus;
  readonly logger: Logger;
}

/**
 * Writes changed alerts and incidents behind, everything of one moment in one go, and tells the bus afterwards. What
 * cannot be written stays in memory and is tried again: a full disk is a reason for alerts, not for silence.
 */
export class AlertJournal {
  readonly #options: AlertJournalOptions;
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #incidents = new Map<string, IncidentRecord>();
  /** Changed since the bus was told last. */
  readonly #untold = new Map<string, AlertRecord>();
  #written: Promise<void> = Promise.resolve();
  #scheduled = false;
  #failed = false;

  constructor(options: AlertJournalOptions) {
    this.#options = options;
  }

  /** An alert as it is now, when it is not on the disk yet. */
  unwritten(alertId: string): AlertRecord | undefined {
    return this.#alerts.get(alertId);
  }

  alertChanged(alert: AlertRecord): void {
    this.#alerts.set(alert.id, alert);
    this.#untold.set(alert.id, alert);
    this.#schedule();
  }

  incidentChanged(incident: IncidentRecord): void {
    this.#incidents.set(incident.id, incident);
    this.#schedule();
  }

  /** Forgets what was to be written of a node's alerts. */
  drop(nodeKey: number): void {
    for (const [id, alert] of this.#alerts) {
      if (alert.nodeKey !== nodeKey) continue;
      this.#alerts.delete(id);
      this.#untold.delete(id);
    }
  }

  /** Tries again what could not be written. */
  retry(): void {
    if (this.#failed) this.#schedule();
  }

  /** Writes what is there, after what is being written. Resolves also when it could not be written. */
  flush(): Promise<void> {
    this.#written = this.#written.then(() => this.#write());
    return this.#written;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  async #write(): Promise<void> {
    const { table, logger } = this.#options;
    const alerts = [...this.#alerts.values()];
    const incidents = [...this.#incidents.values()];
    if (alerts.length + incidents.length === 0) return;
    try {
      await table.save(alerts, incidents);
      this.#failed = false;
      for (const alert of alerts) if (this.#alerts.get(alert.id) === alert) this.#alerts.delete(alert.id);
      for (const incident of incidents) {
        if (this.#incidents.get(incident.id) === incident) this.#incidents.delete(incident.id);
      }
    } catch (error) {
      if (!this.#failed) logger.error("alerts could not be stored", { error: describeError(error) });
      this.#failed = true;
    }
    const untold = [...this.#untold.values()];
    this.#untold.clear();
    for (const { id, nodeId } of untold) {
      this.#options.bus.publish("alert-changed", { alertId: id, nodeIds: [nodeId] });
    }
  }
}
