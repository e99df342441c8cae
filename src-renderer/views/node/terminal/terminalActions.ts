import type { App } from "../../../state/app.ts";
import type { TerminalTab } from "../../../terminals/terminalTab.svelte.ts";

export interface TerminalActions {
  copy(): Promise<void>;
  paste(): Promise<void>;
  /** As a file. */
  save(): void;
}

/** What is done with the text of a terminal. The keys go back to it afterwards. */
export function terminalActions({ nodeId, number, screen }: TerminalTab, app: App): TerminalActions {
  const { fleet, i18n, platform, toasts } = app;
  return {
    async copy() {
      if (screen.selection === "") {
        toasts.failed(i18n.t.terminal.nothingSelected);
        return;
      }
      try {
        await platform.copyText(screen.selection);
        toasts.done(i18n.t.common.copied);
      } catch {
        toasts.failed(i18n.t.common.copyFailed);
      }
      screen.focus();
    },
    async paste() {
      try {
        screen.paste(await platform.pasteText());
      } catch {
        toasts.failed(i18n.t.terminal.pasteFailed);
      }
      screen.focus();
    },
    save() {
      // The host name is the node's word: in a file name only what means nothing anywhere.
      const name = (fleet.get(nodeId)?.record.hostname ?? "terminal").replace(/[^\w.-]/g, "_");
      platform.saveFile({ name: `${name}-${number}.txt`, type: "text/plain", parts: [screen.text()] });
    },
  };
}
