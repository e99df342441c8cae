/** How something is, at a glance: the dot before its name. */
export type StatusTone = "ok" | "warn" | "bad" | "idle" | "busy";
