/** What the group `user` may do from the start. */
export const userPermissions: readonly string[] = ["set_passwd"];

/** What the group `sysop` may do from the start. */
export const sysopPermissions: readonly string[] = [
  "shutdown",
  "manage_system",
  "apply_lockdown",
  "bypass_lockdown",
  "create_document",
  "super_create_document",
  "delete_document",
  "rename_document",
  "move",
  "create_directory",
  "super_create_directory",
  "super_list_directory",
  "delete_directory",
  "rename_directory",
  "list_directory",
  "create_user",
  "delete_user",
  "rename_user",
  "get_user_info",
  "list_users",
  "change_user_groups",
  "super_set_passwd",
  "block",
  "unblock",
  "super_set_user_avatar",
  "list_groups",
  "create_group",
  "delete_group",
  "rename_group",
  "get_group_info",
  "set_group_permissions",
  "view_access_rules",
  "set_access_rules",
  "manage_access",
  "view_access_entries",
  "grant_access",
  "view_audit_logs",
  "manage_2fa",
  "debugging",
];

/** Every permission that something in the core asks for. Names are free: others may be given, and mean nothing yet. */
export const permissionNames: readonly string[] = [...sysopPermissions, ...userPermissions, "set_user_avatar"];
