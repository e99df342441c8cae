import { PicketError } from "../../../base/errors.ts";
import { Refusal } from "../refusal.ts";

/**
 * Says in the protocol's words why access rules were not set.
 *
 * @throws {Refusal} 400 for rules that are none, 403 for such that would lock out whoever sets them
 */
export async function settingRules<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof PicketError)) throw error;
    if (error.code === "INVALID_PARAMS") throw new Refusal(400, `Set access rules failed: ${error.message}`);
    if (error.code === "FORBIDDEN") throw new Refusal(403, "Set access rules failed: permission denied");
    throw error;
  }
}
