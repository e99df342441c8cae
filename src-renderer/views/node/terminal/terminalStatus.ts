import type { StatusTone } from "../../../components/statusTone.ts";
import type { Catalogue } from "../../../i18n/catalogue.ts";
import type { TerminalStatus } from "../../../terminals/terminalTab.svelte.ts";

const tones: Readonly<Record<TerminalStatus["kind"], StatusTone>> = {
  opening: "busy",
  open: "ok",
  cut: "warn",
  ended: "idle",
  gone: "idle",
  taken: "idle",
  failed: "bad",
};

/** How the dot of a terminal looks. */
export function terminalTone(status: TerminalStatus): StatusTone {
  return tones[status.kind];
}

/** What is to be said about a terminal; undefined while there is nothing to say. */
export function terminalNote(status: TerminalStatus, nodeOnline: boolean, t: Catalogue): string | undefined {
  switch (status.kind) {
    case "opening":
      return t.terminal.opening;
    case "open":
      return undefined;
    case "cut":
      return nodeOnline ? t.terminal.reconnecting : t.terminal.waitingForNode;
    case "ended":
      return status.exitCode === undefined ? t.terminal.endedUnknown : t.terminal.ended(`${status.exitCode}`);
    case "gone":
      return t.terminal.gone;
    case "taken":
      return t.terminal.taken;
    case "failed":
      return `${t.terminal.failed} ${t.errors[status.error.code].message}`;
  }
}
