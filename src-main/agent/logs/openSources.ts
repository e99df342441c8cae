import { existsSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { LogRules } from "../policy/policySchema.ts";
import type { SourceHandler } from "./collectedLine.ts";
import { FileSet } from "./fileSet.ts";
import { hasJournal, journald } from "./journald.ts";
import { macLog } from "./macLog.ts";
import { type ProcessLog, ProcessSource } from "./processSource.ts";
import { windowsLog } from "./windowsLog.ts";

export interface OpenSourcesOptions {
  readonly rules: LogRules;
  readonly position: (source: string) => string | undefined;
  readonly handler: (source: string) => SourceHandler;
  readonly clock: Clock;
}

export interface OpenSources extends Disposable {
  setPaused(paused: boolean): void;
}

const syslogFiles = ["/var/log/syslog", "/var/log/messages"];

/** Opens what the policy allows: the system's log, unless it says no, and the files that it names. */
export function openSources(options: OpenSourcesOptions): OpenSources {
  const { rules, position, handler, clock } = options;
  const { program, files } = systemLog(rules);
  const programs =
    program === undefined
      ? []
      : [
          new ProcessSource({
            log: program,
            position: position(program.name),
            handler: handler(program.name),
            clock,
          }),
        ];
  const patterns = [...files, ...rules.files];
  const sets = patterns.length === 0 ? [] : [new FileSet({ patterns, position, handler, clock })];
  return {
    setPaused(paused) {
      for (const one of [...programs, ...sets]) one.setPaused(paused);
    },
    dispose() {
      for (const source of programs) source.close();
      for (const set of sets) set.dispose();
    },
  };
}

interface SystemLog {
  readonly program: ProcessLog | undefined;
  readonly files: readonly string[];
}

/** The journal where there is one, else the files that a syslog writes. */
function systemLog({ journald: wanted }: LogRules): SystemLog {
  const none = { program: undefined, files: [] };
  if (wanted === false) return none;
  if (process.platform === "darwin") return { program: macLog, files: [] };
  if (process.platform === "win32") return { program: windowsLog, files: [] };
  if (hasJournal()) return { program: journald, files: [] };
  return wanted === true ? none : { program: undefined, files: syslogFiles.filter(existsSync) };
}
