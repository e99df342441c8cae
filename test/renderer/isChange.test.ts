import assert from "node:assert/strict";
import { test } from "node:test";
import { documentActions } from "../../src-main/protocols/documents/messages.ts";
import { isChange } from "../../src-renderer/documents/isChange.ts";

test("only what looks is no change", () => {
  const looks = Object.keys(documentActions).filter((action) => !isChange(action));
  assert.deepEqual(looks.sort(), [
    "explain_access",
    "get_2fa_status",
    "get_directory_access_rules",
    "get_directory_info",
    "get_document_access_rules",
    "get_document_info",
    "get_group_info",
    "get_user_avatar",
    "get_user_info",
    "list_blocks",
    "list_deleted",
    "list_directory",
    "list_groups",
    "list_revisions",
    "list_sessions",
    "list_users",
    "refresh_token",
    "register_listener",
    "search",
    "server_info",
    "storage_usage",
    "view_access_entries",
    "view_audit_logs",
  ]);
});
