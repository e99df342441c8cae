/** What a user can be kept from. Setting rules is no part of it. */
export const blockableTypes = ["read", "write", "move"] as const;
export type BlockableType = (typeof blockableTypes)[number];
