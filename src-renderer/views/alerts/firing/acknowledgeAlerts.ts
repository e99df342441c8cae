import type { App } from "../../../state/app.ts";

/** As many as one request may name. */
const most = 500;

/**
 * Says that the user looks after these alerts.
 *
 * @returns how many are acknowledged now; what was over before stays as it was
 * @throws {PicketError}
 */
export async function acknowledgeAlerts(
  { link, openAlerts }: Pick<App, "link" | "openAlerts">,
  alertIds: readonly string[],
): Promise<number> {
  let count = 0;
  for (let from = 0; from < alertIds.length; from += most) {
    const { alerts } = await link.request("alert-acknowledge", { alertIds: alertIds.slice(from, from + most) });
    for (const alert of alerts) openAlerts.put(alert);
    count += alerts.filter(({ state }) => state === "acknowledged").length;
  }
  return count;
}
