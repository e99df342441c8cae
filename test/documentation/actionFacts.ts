import type { ActionName } from "../../src-main/protocols/documents/messages.ts";

/** An answer other than success: its code, its message, and when, where the message does not say it. */
export type DocumentedRefusal = readonly [code: number, message: string, when?: string];

export interface ActionFacts {
  /** The messages of a success. */
  readonly success: readonly string[];
  /** In the order in which they are tested; besides those that every action can have. */
  readonly refusals: readonly DocumentedRefusal[];
  /** What one must have besides the permission of the authorisation row; that row's own words when it depends. */
  readonly needs?: string;
}

const tooManyAttempts: DocumentedRefusal = [
  429,
  "Too many login attempts. Please try again later.",
  "`retry_after` says in how many seconds",
];
const documentMissing: DocumentedRefusal = [404, "Document not found"];
const directoryMissing: DocumentedRefusal = [404, "Directory not found"];
const accessDenied: DocumentedRefusal = [403, "Access denied"];
const permissionDenied: DocumentedRefusal = [403, "Permission denied"];
const userMissing: DocumentedRefusal = [404, "User does not exist"];
const groupMissing: DocumentedRefusal = [404, "Group does not exist"];
const revisionMissing: DocumentedRefusal = [404, "Revision not found"];
const nameInvalid: DocumentedRefusal = [400, "This name cannot be used.", "with the reason in brackets"];
const taskRefused = (mode: "download" | "upload"): readonly DocumentedRefusal[] => [
  [404, "Task not found"],
  [400, `Task is not in a valid state for ${mode}`, "of the other kind, done or cancelled"],
  [400, "Task is either not started yet or has already ended"],
];
const sameName: DocumentedRefusal = [400, "New name is the same as the current name"];
const sameFolder: DocumentedRefusal = [400, "Cannot move to the same folder"];
const folderExists: DocumentedRefusal = [409, "A folder with the same name already exists in the target directory"];
const documentExists: DocumentedRefusal = [409, "A document with the same name already exists in the target directory"];
const nameTaken: readonly DocumentedRefusal[] = [
  folderExists,
  documentExists,
  [403, "Access denied", "a document whose upload never ended has the name, and the caller may not write it"],
];
const rulesRefused: readonly DocumentedRefusal[] = [
  [400, "Set access rules failed: …", "the rules are none: `Invalid access type: X` and the like"],
  [403, "Set access rules failed: permission denied", "whoever sets them would not pass them"],
];
const deniedDocument: DocumentedRefusal = [403, "Access denied to the document"];
const deniedBlock: DocumentedRefusal = [403, "You do not have permission to block users"];
const deniedUnblock: DocumentedRefusal = [403, "You do not have permission to unblock users"];
const deniedManage: DocumentedRefusal = [403, "You do not have permission to manage object access"];
const deniedGroups: DocumentedRefusal = [403, "You do not have permission to change user groups"];
const deniedPermissions: DocumentedRefusal = [403, "You do not have permission to change user permissions"];
const deniedUserInfo: DocumentedRefusal = [403, "You do not have permission to get user information"];
const deniedSecondFactor: DocumentedRefusal = [
  403,
  "You do not have permission to manage other users' two-factor authentication",
];
const downloadRunning: DocumentedRefusal = [
  500,
  "Failed to delete revisions. Perhaps a download task is still in progress?",
];
const forSysop = "also for the group `sysop`, when the caller does not administer the core";
const groupStays: DocumentedRefusal = [409, "This group is always there and keeps its name.", "`user` and `sysop`"];
const noRevision: DocumentedRefusal = [404, "No active revisions found for this document", "nothing was uploaded yet"];
const badPassword: readonly DocumentedRefusal[] = [
  [400, "Password does not meet the length requirement (MIN ~ MAX)", "`min_length`, `max_length`"],
  [400, "Password lacks required characters", "`missing`"],
  [400, "New password should not be the same"],
];

/** What the schemas and the authorisation rows do not say of the actions. A test holds it against the program. */
export const actionFacts: Readonly<Record<ActionName, ActionFacts>> = {
  server_info: { success: ["Server information retrieved successfully"], refusals: [] },
  register_listener: { success: ["Registered as a listener"], refusals: [] },
  shutdown: { success: ["Server is shutting down"], refusals: [permissionDenied] },
  lockdown: { success: ["Success"], refusals: [accessDenied] },

  login: {
    success: ["Login successful"],
    refusals: [
      tooManyAttempts,
      [401, "Invalid credentials", "after 3 seconds"],
      [403, "Password must be changed before you can log in"],
      [403, "Password should be changed because it's expired"],
      [202, "Two-factor authentication required", '`method` `"totp"`; no token yet'],
      [401, "Invalid two-factor authentication token", "after 3 seconds"],
    ],
  },
  refresh_token: { success: ["Token refreshed successfully"], refusals: [] },
  set_passwd: {
    needs:
      "with `old_passwd`: nobody needs to be signed in, and the user must hold `set_passwd` or `super_set_passwd`; " +
      "without it: signed in, with `super_set_passwd`",
    success: ["Password set successfully"],
    refusals: [
      tooManyAttempts,
      [401, "Invalid credentials", "after 3 seconds"],
      [202, "Two-factor authentication required", '`method` `"totp"`: the same again with `2fa_token`'],
      [401, "Invalid two-factor authentication token", "after 3 seconds"],
      [403, "You do not have permission to change your own password"],
      [400, "These options are only for setting other user's password"],
      [400, "Operator is required when setting other user password"],
      [403, "You do not have permission to set user password"],
      userMissing,
      ...badPassword,
    ],
  },
  list_sessions: { success: ["Sessions retrieved successfully"], refusals: [] },
  revoke_session: { success: ["Session revoked successfully"], refusals: [[404, "Session not found"]] },

  setup_2fa: {
    success: ["Two-factor authentication setup initiated. Please verify with your authenticator app."],
    refusals: [[400, "Two-factor authentication is already enabled. Please cancel it first.", '`method` `"totp"`']],
  },
  validate_2fa: {
    success: ["Two-factor authentication enabled successfully"],
    refusals: [
      [400, "Two-factor authentication has not been set up. Please set it up first."],
      [400, "Two-factor authentication is already enabled.", '`method` `"totp"`'],
      [401, "Invalid verification code"],
    ],
  },
  disable_2fa: {
    needs: "for oneself: the code or the password; for others: `manage_2fa`",
    success: ["Two-factor authentication disabled successfully"],
    refusals: [
      deniedSecondFactor,
      [404, "Target user not found"],
      [400, "Two-factor authentication is not enabled"],
      [401, "Invalid verification code", "after 3 seconds"],
      [401, "Invalid password", "after 3 seconds"],
    ],
  },
  cancel_2fa_setup: {
    success: ["Two-factor authentication setup cancelled"],
    refusals: [[400, "No pending two-factor authentication setup to cancel."]],
  },
  get_2fa_status: {
    needs: "for oneself nothing, for others `manage_2fa`",
    success: ["Two-factor authentication status retrieved"],
    refusals: [deniedSecondFactor, [404, "Target user not found"]],
  },

  list_directory: {
    needs: "read on the folder, or `super_list_directory`",
    success: ["Directory listing successful"],
    refusals: [directoryMissing, accessDenied],
  },
  get_directory_info: {
    needs: "read on the folder",
    success: ["Directory info retrieved successfully"],
    refusals: [directoryMissing, permissionDenied],
  },
  create_directory: {
    needs: "write on the folder that it is made in",
    success: ["Directory created successfully", "Directory already exists"],
    refusals: [
      [404, "Parent directory not found"],
      accessDenied,
      [403, "You do have no permissions to create new folders"],
      nameInvalid,
      folderExists,
      [409, "A document with the same name already exists in the target directory", '`type` `"document"`, `id`'],
      ...rulesRefused,
    ],
  },
  delete_directory: {
    needs: "write on the folder; the rights to what is in it are not looked at",
    success: ["Directory deleted successfully"],
    refusals: [
      directoryMissing,
      accessDenied,
      [
        500,
        "An error occurred when attempting to delete documents in the directory. " +
          "Perhaps a download task is still in progress?",
      ],
    ],
  },
  rename_directory: {
    needs: "write on the folder",
    success: ["Directory renamed successfully"],
    refusals: [directoryMissing, accessDenied, nameInvalid, sameName, ...nameTaken],
  },
  move_directory: {
    needs: "move on the folder and write on the one that it goes into",
    success: ["Success"],
    refusals: [
      [404, "Subject directory not found"],
      [404, "Target directory not found"],
      [403, "Access denied to move directory"],
      [403, "Access denied to write directory"],
      sameFolder,
      [400, "Cannot move a directory into itself"],
      ...nameTaken,
    ],
  },

  create_document: {
    needs: "write on the folder, or `super_create_document`",
    success: ["Task successfully created"],
    refusals: [
      permissionDenied,
      [404, "Folder not found"],
      [403, "Access denied to the folder"],
      nameInvalid,
      ...nameTaken,
      ...rulesRefused,
    ],
  },
  get_document: {
    needs: "read on the document",
    success: ["Document successfully fetched"],
    refusals: [documentMissing, deniedDocument, noRevision],
  },
  get_document_info: {
    needs: "read on the document",
    success: ["Document info retrieved successfully"],
    refusals: [documentMissing, noRevision, permissionDenied],
  },
  upload_document: {
    needs: "write on the document",
    success: ["Task successfully created"],
    refusals: [documentMissing, deniedDocument],
  },
  delete_document: {
    needs: "write on the document",
    success: ["Document successfully deleted"],
    refusals: [documentMissing, deniedDocument, downloadRunning],
  },
  rename_document: {
    needs: "write on the document",
    success: ["Document renamed successfully"],
    refusals: [documentMissing, accessDenied, nameInvalid, sameName, ...nameTaken],
  },
  move_document: {
    needs: "move on the document and write on the folder that it goes into",
    success: ["Success"],
    refusals: [
      [403, "Access denied to move document"],
      [404, "Target document not found"],
      [404, "Target directory not found"],
      [403, "Access denied to write directory"],
      sameFolder,
      ...nameTaken,
    ],
  },
  search: { needs: "read on what is found", success: ["Search successful"], refusals: [] },

  list_revisions: {
    needs: "read on the document",
    success: ["Success"],
    refusals: [documentMissing, deniedDocument],
  },
  get_revision: {
    needs: "read on the document",
    success: ["Success"],
    refusals: [revisionMissing, deniedDocument],
  },
  set_revision: {
    needs: "write on the document",
    success: ["Success"],
    refusals: [documentMissing, revisionMissing, deniedDocument],
  },
  delete_revision: {
    needs: "write on the document",
    success: ["Success"],
    refusals: [
      deniedDocument,
      revisionMissing,
      downloadRunning,
      [409, "This is the document's last revision: delete the document."],
    ],
  },

  list_deleted: { success: ["Success"], refusals: [] },
  restore_deleted: {
    needs:
      "one's own deletion, or `manage_system`; write on it and on the folder that it goes into; for another folder than " +
      "before also `move` and move on it; for another name `rename_directory` or `rename_document`",
    success: ["Success"],
    refusals: [
      [404, "Deleted entry not found"],
      permissionDenied,
      [404, "Target directory not found"],
      accessDenied,
      [403, "Access denied to write directory"],
      nameInvalid,
      folderExists,
      documentExists,
    ],
  },
  purge_deleted: {
    needs: "one's own deletion, or `manage_system`; for all of the bin `manage_system`",
    success: ["Success"],
    refusals: [permissionDenied, [404, "Deleted entry not found"], downloadRunning],
  },
  storage_usage: { success: ["Success"], refusals: [] },

  download_file: {
    needs: "with `document_id`: who is signed in, with read on the document; with `task_id`: the id is the credential",
    success: ["Download task created", "File sent successfully"],
    refusals: [
      [400, "Either task_id or document_id is expected, not both"],
      documentMissing,
      deniedDocument,
      noRevision,
      ...taskRefused("download"),
      [400, "An offset needs the binary encoding"],
      [400, "The offset is beyond the end of the file"],
      [400, "Client not ready for file transfer"],
    ],
  },
  upload_file: {
    needs: "the id of the task is the credential",
    success: ["File received successfully"],
    refusals: [
      ...taskRefused("upload"),
      [400, "Invalid request for file transfer", "what came instead of the head or of a frame is none"],
      [400, "The file is larger than files may be here.", "or there is no room left for this user"],
      [400, "File size mismatch: expected X, got Y"],
      [400, "SHA256 mismatch: expected X, got Y"],
      [500, "The server has no room left"],
    ],
  },

  list_users: {
    success: ["List of users"],
    refusals: [[403, "You do not have permission to list users"]],
  },
  create_user: {
    success: ["User created successfully"],
    refusals: [
      [403, "You do not have permission to create users"],
      [409, "Username already exists"],
      [400, "Group 'X' does not exist"],
      [400, "The password is too weak.", "with the reason in brackets"],
    ],
  },
  delete_user: {
    success: ["User deleted successfully"],
    refusals: [
      [
        403,
        "You do not have permission to delete users",
        "also when the other one administers the core and the caller does not",
      ],
      userMissing,
      [400, "Cannot delete yourself"],
    ],
  },
  rename_user: {
    needs: "for oneself nothing, for others `rename_user`",
    success: ["User renamed successfully"],
    refusals: [
      [403, "You do not have permission to rename users"],
      [400, "User does not exist"],
    ],
  },
  get_user_info: {
    needs: "for oneself nothing, for others `get_user_info`",
    success: ["User info retrieved successfully"],
    refusals: [deniedUserInfo, userMissing],
  },
  change_user_groups: {
    success: ["User groups changed successfully"],
    refusals: [deniedGroups, userMissing, [400, "Group 'X' does not exist"]],
  },
  change_user_permissions: {
    success: ["User permissions changed successfully"],
    refusals: [deniedPermissions, userMissing],
  },
  get_user_avatar: {
    needs: "for oneself nothing, for others `get_user_info`",
    success: ["Avatar retrieved successfully"],
    refusals: [deniedUserInfo, userMissing],
  },
  set_user_avatar: {
    needs: "for oneself nothing, for others `super_set_user_avatar` or `set_user_avatar`",
    success: ["User avatar updated successfully"],
    refusals: [
      [403, "You do not have permission to set other user's avatar"],
      userMissing,
      [404, "Document does not exist"],
      [403, "User does not have access to the specified document"],
      [400, "The specified document is not an image file"],
    ],
  },

  list_groups: {
    success: ["List of groups"],
    refusals: [[403, "You do not have permission to list groups"]],
  },
  create_group: {
    success: ["Group created successfully"],
    refusals: [[403, "You do not have permission to create groups"], [409, "Group already exists"], nameInvalid],
  },
  delete_group: {
    success: ["Group deleted successfully"],
    refusals: [[403, "You do not have permission to delete groups"], groupMissing, groupStays],
  },
  rename_group: {
    success: ["Group renamed successfully"],
    refusals: [
      [403, "You do not have permission to rename groups", forSysop],
      groupMissing,
      [409, "Group already exists"],
      nameInvalid,
      groupStays,
    ],
  },
  get_group_info: {
    success: ["Group info retrieved successfully"],
    refusals: [[403, "You do not have permission to view group info"], groupMissing],
  },
  change_group_permissions: {
    success: ["Group permissions set successfully"],
    refusals: [[403, "You do not have permission to set group permissions", forSysop], groupMissing],
  },

  get_directory_access_rules: {
    needs: "read on the folder",
    success: ["Directory access rules retrieved successfully"],
    refusals: [directoryMissing, permissionDenied],
  },
  get_document_access_rules: {
    needs: "read on the document",
    success: ["Document access rules retrieved successfully"],
    refusals: [documentMissing, permissionDenied],
  },
  set_directory_rules: {
    needs: "manage on the folder",
    success: ["Set access rules successfully"],
    refusals: [
      directoryMissing,
      [403, "Access denied to set access rules"],
      [403, "Access denied to the directory"],
      ...rulesRefused,
    ],
  },
  set_document_rules: {
    needs: "manage on the document",
    success: ["Set access rules successfully"],
    refusals: [documentMissing, [403, "Access denied to set access rules"], deniedDocument, ...rulesRefused],
  },
  explain_access: {
    needs: "read on the object",
    success: ["Success"],
    refusals: [directoryMissing, documentMissing, permissionDenied],
  },

  grant_access: {
    needs: "each of the access types on the target",
    success: ["Success"],
    refusals: [
      [400, "The start time should be before the end time", "tested before anything else"],
      deniedManage,
      [404, "entity not found"],
      [404, "target not found"],
      [403, "access denied"],
    ],
  },
  view_access_entries: {
    success: ["Success"],
    refusals: [[403, "You do not have permission to view access entries"]],
  },
  revoke_access: {
    success: ["Success"],
    refusals: [deniedManage, [404, "Access entry not found"]],
  },

  block_user: {
    success: ["User blocked successfully"],
    refusals: [
      [400, "Unsupported block type(s)"],
      [deniedBlock[0], deniedBlock[1], "also when the other one administers the core and the caller does not"],
      userMissing,
      [400, "The target of the block does not exist"],
    ],
  },
  unblock_user: {
    success: ["Unblocked user"],
    refusals: [
      [deniedUnblock[0], deniedUnblock[1], "also when the other one administers the core and the caller does not"],
      userMissing,
      [404, "Specified entry not found"],
      [400, "The specified block has ended"],
      [400, "Unsupported block type(s)"],
    ],
  },
  list_blocks: {
    needs: "for oneself nothing, for others `block`",
    success: ["Success"],
    refusals: [deniedBlock, userMissing],
  },

  view_audit_logs: { success: ["Success"], refusals: [accessDenied] },
};
