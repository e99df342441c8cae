/** The permissions that servers know, by what they are about. A server may have others: names are free. */
export const permissionAreas = {
  documents: ["create_document", "super_create_document", "delete_document", "rename_document", "move"],
  directories: [
    "create_directory",
    "super_create_directory",
    "list_directory",
    "super_list_directory",
    "delete_directory",
    "rename_directory",
  ],
  users: [
    "create_user",
    "delete_user",
    "rename_user",
    "get_user_info",
    "list_users",
    "change_user_groups",
    "set_passwd",
    "super_set_passwd",
    "block",
    "unblock",
    "set_user_avatar",
    "super_set_user_avatar",
    "manage_2fa",
  ],
  groups: ["list_groups", "create_group", "delete_group", "rename_group", "get_group_info", "set_group_permissions"],
  access: ["view_access_rules", "set_access_rules", "manage_access", "grant_access", "view_access_entries"],
  audit: ["view_audit_logs"],
  system: ["apply_lockdown", "bypass_lockdown", "manage_system", "shutdown", "debugging"],
} as const;

export type PermissionArea = keyof typeof permissionAreas;
export type KnownPermission = (typeof permissionAreas)[PermissionArea][number];

const known: ReadonlySet<string> = new Set(Object.values(permissionAreas).flat());

export function isKnownPermission(name: string): name is KnownPermission {
  return known.has(name);
}
