import type { Generated } from "kysely";

/** Times are milliseconds since 1970, UTC. Columns that end in `_json` hold JSON. Booleans are 0 and 1. */
export interface Tables {
  readonly nodes: NodesTable;
  readonly enrolment_tokens: EnrolmentTokensTable;
  readonly token_enrolments: TokenEnrolmentsTable;
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

export interface UsersTable {
  readonly id: string;
  readonly username: string;
  readonly password_hash: string;
  readonly role: string;
  /** Null: every group. An empty list: none. */
  readonly groups_json: string | null;
  readonly created_at: number;
}

export interface SessionsTable {
  readonly id: string;
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
