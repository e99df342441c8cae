/** What this version of the core can use of a node. A node announces its own; the intersection is used. */
export const coreCapabilities = ["channels", "terminal", "exec-stream", "inventory", "logs", "docker"] as const;

/** The version of the extension. */
export const extensionVersion = 1;

/** What a node must have announced before it is asked for a method. */
export const methodCapabilities = {
  "container-list": "docker",
  "container-inspect": "docker",
  "container-action": "docker",
  "container-stats": "docker",
  "container-logs": "docker",
} as const;
