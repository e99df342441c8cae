/** What this version of the core can use of a node. A node announces its own; the intersection is used. */
export const coreCapabilities = ["channels", "terminal", "exec-stream", "inventory"] as const;

/** The version of the extension. */
export const extensionVersion = 1;
