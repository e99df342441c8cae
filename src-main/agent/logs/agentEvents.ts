import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import type { LogFields, Logger, LogLevel as LoggerLevel } from "../../base/logger.ts";
import { maskSecrets } from "../../base/maskSecrets.ts";
import type { NodeLogEntry } from "../../protocols/nodes/messages.ts";
import { cutMessage } from "./lineLimits.ts";

/** The source of what the agent says about itself. */
export const agentSource = "picket-agent";

/** What the agent writes into its own log, for the cores to see: what it refused, lost, and could not do. */
export class AgentEvents {
  /** Writes into the agent's log and tells whoever listens. */
  readonly logger: Logger;
  /** Writes into the agent's log only: for what is wrong with the telling itself. */
  readonly quiet: Logger;
  readonly #entries = new Emitter<NodeLogEntry>(() => {});

  constructor(logger: Logger, clock: Clock) {
    this.quiet = logger;
    this.logger = telling(logger, (level, message, fields) => {
      if (this.#entries.listenerCount === 0) return;
      this.#entries.emit({
        time: clock.wallTime(),
        level: level === "warn" ? "warning" : level,
        source: agentSource,
        message: cutMessage(textOf(message, fields)),
      });
    });
  }

  onEntry(listener: (entry: NodeLogEntry) => void): Disposable {
    return this.#entries.subscribe(listener);
  }
}

type Tell = (level: Exclude<LoggerLevel, "debug">, message: string, fields: LogFields | undefined) => void;

function telling(logger: Logger, tell: Tell): Logger {
  const both = (level: Exclude<LoggerLevel, "debug">) => (message: string, fields?: LogFields) => {
    logger[level](message, fields);
    tell(level, message, fields);
  };
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: both("info"),
    warn: both("warn"),
    error: both("error"),
    child: (scope) => telling(logger.child(scope), tell),
    enabled: (level) => logger.enabled(level),
  };
}

function textOf(message: string, fields: LogFields | undefined): string {
  const masked = maskSecrets(fields ?? {});
  const pairs = Object.entries(masked).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${maskSecrets(message)}${pairs.join("")}`;
}
