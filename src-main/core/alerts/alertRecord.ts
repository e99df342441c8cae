import type { Alert, Incident } from "./alert.ts";
import type { AlertTexts } from "./alertTexts.ts";

/** An alert as the core keeps it. */
export interface AlertRecord extends Alert {
  readonly nodeKey: number;
  readonly texts: AlertTexts;
}

/** An incident as the core keeps it. */
export interface IncidentRecord extends Incident {
  /** How many of its alerts the channels were told of. */
  readonly notifiedAlerts: number;
}
