import type { Selectable } from "kysely";
import type { UsersTable } from "../../store/tables.ts";
import type { Role } from "./principal.ts";
import type { User } from "./users.ts";

export function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    username: row.username,
    role: row.role as Role,
    groups: row.groups_json === null ? undefined : (JSON.parse(row.groups_json) as string[]),
    createdAt: row.created_at,
    nickname: row.nickname ?? undefined,
    lastLoginAt: row.last_login_at ?? undefined,
    passwordChangedAt: row.password_changed_at ?? row.created_at,
    mustChangePassword: row.must_change_password === 1,
    avatarDocumentId: row.avatar_document_id ?? undefined,
    twoFactor: row.totp_confirmed_at !== null,
  };
}
