import type { Catalogue } from "../i18n/catalogue.ts";
import { isKnownPermission } from "./permissionAreas.ts";

/** What people call a permission; one that is not known here stays as it is. */
export function permissionTitle(name: string, t: Catalogue): string {
  return isKnownPermission(name) ? t.documentsAdmin.permissions[name] : name;
}
