import type { Generated } from "kysely";

/** Times are milliseconds since 1970, UTC. Columns that end in `_json` hold JSON. Booleans are 0 and 1. */
export interface Tables {
  readonly nodes: NodesTable;
  readonly enrolment_tokens: EnrolmentTokensTable;
  readonly token_enrolments: TokenEnrolmentsTable;
  readonly api_keys: ApiKeysTable;
  readonly room_tokens: RoomTokensTable;
  readonly users: UsersTable;
  readonly sessions: SessionsTable;
  readonly commands: CommandsTable;
  readonly audit: AuditTable;
  readonly metric_journal: MetricJournalTable;
  readonly metric_series: MetricSeriesTable;
  readonly metric_raw: MetricRawTable;
  readonly metric_minutes: MetricRollupTable;
  readonly metric_quarters: MetricRollupTable;
  readonly metric_cuts: MetricCutsTable;
  readonly alert_rules: AlertRulesTable;
  readonly alerts: AlertsTable;
  readonly incidents: IncidentsTable;
  readonly alert_silences: AlertSilencesTable;
  readonly notification_channels: NotificationChannelsTable;
  readonly notifications: NotificationsTable;
  readonly user_backup_codes: UserBackupCodesTable;
  readonly document_tokens: DocumentTokensTable;
  readonly user_groups: UserGroupsTable;
  readonly user_group_members: UserGroupMembersTable;
  readonly permission_grants: PermissionGrantsTable;
  readonly tree_entries: TreeEntriesTable;
  readonly blobs: BlobsTable;
  readonly revisions: RevisionsTable;
  readonly file_tasks: FileTasksTable;
  readonly access_rules: AccessRulesTable;
  readonly access_grants: AccessGrantsTable;
  readonly user_blocks: UserBlocksTable;
  readonly settings: SettingsTable;
  readonly document_servers: DocumentServersTable;
}

export interface NodesTable {
  /** The short number that other tables use for the node. */
  readonly key: Generated<number>;
  readonly node_id: string;
  readonly name: string | null;
  readonly hostname: string;
  readonly ip_address: string;
  readonly os_info: string | null;
  readonly group_name: string;
  readonly tags_json: string;
  readonly capabilities_json: string;
  readonly facts_json: string | null;
  /** Ed25519, raw 32 bytes in base64, pinned at the first registration. */
  readonly public_key: string | null;
  readonly created_at: number;
  readonly last_seen_at: number | null;
}

export interface EnrolmentTokensTable {
  readonly id: string;
  readonly secret_hash: string;
  readonly name: string | null;
  readonly group_name: string;
  readonly uses: number;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

/** Which node used which token: a node without a key shows the same token again after every reconnect. */
export interface TokenEnrolmentsTable {
  readonly token_id: string;
  readonly node_id: string;
  readonly enrolled_at: number;
}

export interface RoomTokensTable {
  readonly id: string;
  readonly secret_hash: string;
  readonly name: string | null;
  /** Null: any number. */
  readonly max_clients: number | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

/** Keys of servers that speak the monitoring protocol; of each server at most one is not revoked. */
export interface ApiKeysTable {
  readonly id: string;
  readonly secret_hash: string;
  readonly node_key: number;
  readonly created_by: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

export interface UsersTable {
  readonly id: string;
  readonly username: string;
  readonly password_hash: string;
  readonly role: string;
  /** Null: every group. An empty list: none. */
  readonly groups_json: string | null;
  readonly created_at: number;
  readonly nickname: string | null;
  readonly last_login_at: number | null;
  /** Null: since the user was made. */
  readonly password_changed_at: number | null;
  /** 1: an administrator wants a new password before the next sign-in. */
  readonly must_change_password: Generated<number>;
  readonly avatar_document_id: string | null;
  /** Sealed with the key in the core's folder. Null: no second factor, not even one being set up. */
  readonly totp_secret: Uint8Array | null;
  /** Null: the secret was shown, and no code of it was seen yet. */
  readonly totp_confirmed_at: number | null;
  /** The time step of the last code that was taken: none is taken twice. */
  readonly totp_last_step: number | null;
}

export interface SessionsTable {
  readonly id: string;
  /** `console` or `documents`. */
  readonly kind: Generated<string>;
  readonly user_id: string;
  readonly refresh_hash: string;
  readonly created_at: number;
  readonly used_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly address: string;
  readonly user_agent: string;
}

export interface CommandsTable {
  readonly id: string;
  readonly node_key: number;
  readonly command_text: string;
  /** Seconds. */
  readonly timeout: number;
  readonly status: string;
  readonly created_by: string;
  readonly created_at: number;
  /** A command that was not sent by then is given up. */
  readonly expires_at: number;
  readonly sent_at: number | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
  readonly execution_time_ms: number | null;
  readonly error_code: string | null;
}

export interface AuditTable {
  readonly sequence: number;
  readonly time: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly details_json: string;
  readonly hash: string;
}

/** Samples of one group commit, packed: see `core/metrics/journalCodec`. */
export interface MetricJournalTable {
  readonly id: Generated<number>;
  readonly samples: Uint8Array;
}

export interface MetricSeriesTable {
  readonly node_key: number;
  /** Journal rows up to this id are folded into blocks for this node. */
  readonly folded_through: number;
  /** The newest sample, packed like a journal row. */
  readonly newest: Uint8Array;
}

export interface MetricRawTable {
  readonly node_key: number;
  /** The time of the first sample; the last sample's time ends the block. */
  readonly start: number;
  readonly end: number;
  readonly block: Uint8Array;
}

export interface MetricRollupTable {
  readonly node_key: number;
  readonly start: number;
  readonly block: Uint8Array;
}

/** How far the size cap has taken a tier: up to which time nothing of it is left. */
export interface MetricCutsTable {
  readonly tier: string;
  readonly until: number;
}

export interface AlertRulesTable {
  readonly id: string;
  readonly rule_json: string;
  readonly created_at: number;
  readonly changed_at: number;
}

export interface AlertsTable {
  readonly id: string;
  readonly rule_id: string;
  readonly rule_name: string;
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
  readonly node_key: number;
  readonly subject: string;
  readonly incident_id: string;
  readonly value: number | null;
  readonly threshold: number | null;
  /** The message by language. */
  readonly texts_json: string;
  readonly started_at: number;
  readonly acknowledged_at: number | null;
  readonly acknowledged_by: string | null;
  readonly resolved_at: number | null;
}

export interface IncidentsTable {
  readonly id: string;
  readonly rule_id: string;
  readonly rule_name: string;
  readonly severity: string;
  readonly group_name: string;
  readonly started_at: number;
  readonly resolved_at: number | null;
  readonly notified_at: number | null;
  /** How many of its alerts the channels were told of. */
  readonly notified_alerts: number;
  /** Whether it waits for the summary after the quiet hours. */
  readonly held: number;
}

export interface AlertSilencesTable {
  readonly id: string;
  /** Null: every rule. */
  readonly rule_id: string | null;
  /** Null: every node. */
  readonly node_key: number | null;
  readonly until: number;
  readonly created_by: string;
}

export interface NotificationChannelsTable {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly enabled: number;
  readonly language: string;
  readonly email_json: string | null;
  /** Sealed with the key in the core's folder. */
  readonly secrets: Uint8Array;
  /** How many notifications were dropped because too many waited. */
  readonly dropped: number;
  readonly created_at: number;
}

export interface NotificationsTable {
  readonly id: string;
  readonly channel_id: string;
  readonly incident_id: string;
  readonly kind: string;
  readonly state: string;
  readonly title: string;
  readonly content_json: string;
  readonly attempts: number;
  readonly created_at: number;
  readonly next_attempt_at: number | null;
  readonly sent_at: number | null;
  readonly error: string | null;
}

export interface UserBackupCodesTable {
  readonly user_id: string;
  readonly code_hash: string;
  readonly used_at: number | null;
}

/** Tokens of the documents protocol, by hash: a session's tokens end with it. */
export interface DocumentTokensTable {
  readonly token_hash: string;
  readonly session_id: string;
  readonly expires_at: number;
}

/** Groups of people, for documents; the groups of nodes are another thing. */
export interface UserGroupsTable {
  readonly name: string;
  readonly display_name: string | null;
  readonly created_at: number;
}

export interface UserGroupMembersTable {
  readonly user_id: string;
  readonly group_name: string;
  readonly start_at: number;
  /** Null: for ever. */
  readonly end_at: number | null;
}

/** A permission given to, or with `granted` 0 taken from, one user or one group. */
export interface PermissionGrantsTable {
  readonly id: Generated<number>;
  readonly user_id: string | null;
  readonly group_name: string | null;
  readonly permission: string;
  readonly granted: Generated<number>;
  readonly start_at: number;
  readonly end_at: number | null;
}

/** Folders and documents. A document shows when it has a current revision. */
export interface TreeEntriesTable {
  readonly id: string;
  /** Null: the root. */
  readonly parent_id: string | null;
  /** `folder` or `document`. */
  readonly kind: string;
  readonly name: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly current_revision_id: string | null;
  /** When it, or a folder above it, went to the bin. */
  readonly trashed_at: number | null;
  readonly trashed_by: string | null;
  /** The entry that was deleted, and this one with it: restored, they come back together. */
  readonly trash_id: string | null;
}

/** The files on the disk, by SHA-256. One that no revision names goes. */
export interface BlobsTable {
  readonly hash: string;
  readonly size: number;
  readonly created_at: number;
  readonly checked_at: number | null;
  /** What the scrubber found wrong: `missing`, `changed`. */
  readonly fault: string | null;
}

export interface RevisionsTable {
  readonly id: string;
  readonly document_id: string;
  readonly file_id: string;
  /** Null until the upload is complete. */
  readonly blob_hash: string | null;
  readonly size: Generated<number>;
  readonly created_at: number;
  readonly created_by: string;
  readonly activated_at: number | null;
}

export interface FileTasksTable {
  readonly id: string;
  /** `download` or `upload`. */
  readonly mode: string;
  /** `seed` or `reference`: how a download is framed when nobody asks otherwise. */
  readonly form: string;
  readonly revision_id: string;
  /** `waiting`, `done` or `cancelled`. */
  readonly status: string;
  readonly created_by: string;
  readonly start_at: number;
  readonly end_at: number;
}

export interface AccessRulesTable {
  readonly id: Generated<number>;
  readonly entry_id: string;
  /** `read`, `write`, `move` or `manage`. */
  readonly access_type: string;
  readonly rule_json: string;
}

/** A grant to one user or one group on one entry. */
export interface AccessGrantsTable {
  readonly id: Generated<number>;
  readonly user_id: string | null;
  readonly group_name: string | null;
  readonly entry_id: string;
  readonly access_type: string;
  readonly start_at: number;
  readonly end_at: number | null;
}

export interface UserBlocksTable {
  readonly id: Generated<number>;
  readonly user_id: string;
  /** Null: everywhere. */
  readonly entry_id: string | null;
  readonly access_types_json: string;
  readonly created_by: string;
  readonly created_at: number;
  /** Null: for ever. */
  readonly end_at: number | null;
  readonly lifted_at: number | null;
}

/** What the core remembers about itself, one value a name. */
export interface SettingsTable {
  readonly name: string;
  readonly value_json: string;
}

/** Other people's document servers that this core's console reaches through it. */
export interface DocumentServersTable {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** SHA-256 of the certificate in hex, pinned; null: the certificate must be one that the system trusts. */
  readonly fingerprint: string | null;
  readonly created_by: string;
  readonly created_at: number;
}
