import type { Clock } from "../../base/clock.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { OpenAlerts } from "./openAlerts.ts";
import type { RuleBook } from "./ruleBook.ts";

/** What everything that watches for a kind of condition needs. */
export interface WatchOptions {
  readonly clock: Clock;
  /** The time that the core was awake: see `AwakeTime`. */
  readonly awake: () => number;
  readonly nodes: NodeRegistry;
  readonly rules: RuleBook;
  readonly open: OpenAlerts;
}
