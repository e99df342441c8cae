import type { KnownPermission, PermissionArea } from "../../documents/permissionAreas.ts";

const titles = {
  create_document: "Make documents",
  super_create_document: "Make documents in folders that are closed to them",
  delete_document: "Delete documents",
  rename_document: "Rename documents",
  move: "Move documents and folders",
  create_directory: "Make folders",
  super_create_directory: "Make folders in folders that are closed to them",
  list_directory: "List folders",
  super_list_directory: "List folders that are closed to them",
  delete_directory: "Delete folders",
  rename_directory: "Rename folders",
  create_user: "Add users",
  delete_user: "Delete users",
  rename_user: "Change the names of other users",
  get_user_info: "See the details of other users",
  list_users: "See all users",
  change_user_groups: "Put users into groups",
  set_passwd: "Change the own password",
  super_set_passwd: "Set the passwords of other users",
  block: "Block users",
  unblock: "Lift blocks",
  set_user_avatar: "Set pictures of users",
  super_set_user_avatar: "Set the pictures of other users",
  manage_2fa: "Manage the two-factor sign-in of other users",
  list_groups: "See all groups",
  create_group: "Add groups",
  delete_group: "Delete groups",
  rename_group: "Rename groups",
  get_group_info: "See the details of groups",
  set_group_permissions: "Set what groups may do",
  view_access_rules: "See access rules",
  set_access_rules: "Set access rules",
  manage_access: "Grant and revoke access",
  grant_access: "Grant access",
  view_access_entries: "See granted access",
  view_audit_logs: "See the audit of documents",
  apply_lockdown: "Switch the lockdown on and off",
  bypass_lockdown: "Work during a lockdown",
  manage_system: "Manage the server",
  shutdown: "Shut the server down",
  debugging: "Use what is there to find faults",
} as const satisfies Record<KnownPermission, string>;

const areas = {
  documents: "Documents",
  directories: "Folders",
  users: "Users",
  groups: "Groups",
  access: "Access",
  audit: "Audit",
  system: "Server",
} as const satisfies Record<PermissionArea, string>;

export const documentPermissions: {
  readonly titles: Readonly<Record<KnownPermission, string>>;
  readonly areas: Readonly<Record<PermissionArea, string>>;
} = { titles, areas };
