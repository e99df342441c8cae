import type { NodeLogEntry } from "../../protocols/nodes/messages.ts";

/** A line that a source has read. */
export interface CollectedLine extends NodeLogEntry {
  /** Where to go on after this line, in words of its source's own; undefined: the source cannot go back. */
  readonly position: string | undefined;
  /** It was written before anybody read along: it is sent at its pace and never dropped. */
  readonly backlog: boolean;
}

export interface SourceHandler {
  line(line: CollectedLine): void;
  /** Something about the source itself that its reader should know: lines that are gone, a program that fails. */
  trouble(message: string): void;
}

/** Where lines come from. It is opened at a position and read until it is closed. */
export interface LogSource {
  /** Under this name its position is kept. */
  readonly name: string;
  /** Stops and resumes reading; what was read already may still come. */
  setPaused(paused: boolean): void;
  close(): void;
}
