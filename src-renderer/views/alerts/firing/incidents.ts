import { type Alert, severities } from "../../../../src-main/protocols/machines/messages/alerts.ts";

/** Alerts with one cause, as far as they are open. */
export interface OpenIncident {
  readonly incidentId: string;
  /** The gravest that nobody acknowledged; what the incident looks like. */
  readonly first: Alert;
  /** In the order in which they began. */
  readonly alerts: readonly Alert[];
  /** How many of them nobody acknowledged. */
  readonly firing: number;
  readonly startedAt: number;
}

/** What is open by its causes: what nobody looks after first, then the gravest, then the newest. */
export function openIncidents(alerts: readonly Alert[]): OpenIncident[] {
  return [...Map.groupBy(alerts, ({ incidentId }) => incidentId)]
    .map(([incidentId, together]) => incidentOf(incidentId, together))
    .sort(
      (a, b) =>
        Number(b.firing > 0) - Number(a.firing > 0) ||
        severities.indexOf(b.first.severity) - severities.indexOf(a.first.severity) ||
        b.startedAt - a.startedAt,
    );
}

function incidentOf(incidentId: string, together: readonly Alert[]): OpenIncident {
  const alerts = together.toSorted((a, b) => a.startedAt - b.startedAt);
  const firing = alerts.filter(({ state }) => state === "firing");
  const [first] = (firing.length > 0 ? firing : alerts).toSorted(
    (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity),
  );
  // A group has at least one.
  if (first === undefined) throw new Error("an incident without alerts");
  return { incidentId, first, alerts, firing: firing.length, startedAt: alerts[0]?.startedAt ?? first.startedAt };
}
