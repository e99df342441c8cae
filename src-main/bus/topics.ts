/** What the core tells itself, and, with several core processes, the others: plain data, ids instead of objects. */
export interface Topics {
  /** A node was created or changed: status, name, tags, facts; `movedFrom` is the group that it left. */
  readonly "node-changed": { readonly nodeId: string; readonly movedFrom?: string | undefined };
  readonly "node-removed": { readonly nodeId: string; readonly group: string };
  readonly "command-changed": { readonly commandId: string; readonly nodeId: string; readonly status: string };
  readonly "audit-appended": { readonly sequence: number };
  readonly "token-changed": { readonly tokenId: string };
  /** A server's key ended: the connection that came in with it must go. */
  readonly "api-key-revoked": { readonly keyId: string };
  /** A room was made or revoked, or somebody came or left. */
  readonly "room-changed": { readonly roomId: string };
  /** The room's token is no longer in force: its connections must go. */
  readonly "room-revoked": { readonly roomId: string };
  /** A session ended: its connections must go. */
  readonly "session-revoked": { readonly sessionId: string };
  /** A user's role or groups changed, or the user is gone. */
  readonly "user-changed": { readonly userId: string };
  /** What a node says of its containers is new. */
  readonly "containers-changed": { readonly nodeId: string };
  /** An alert began, was acknowledged or resolved. */
  readonly "alert-changed": { readonly alertId: string; readonly nodeIds: readonly string[] };
  /** A rule was made, changed or removed. */
  readonly "alert-rule-changed": { readonly ruleId: string };
  readonly "storage-changed": { readonly failure: string | null };
}

export type Topic = keyof Topics;
