import { type IPty, spawn } from "node-pty";
import type { Line } from "./line.ts";

export const terminalSize = { cols: 120, rows: 40 };
export const terminalShell = "/bin/sh";

/** A shell on a pseudo-terminal of this very process, as bytes. */
export function spawnShell(): IPty {
  const { env } = process;
  return spawn(terminalShell, ["-l"], { name: "xterm-256color", encoding: null, ...terminalSize, env: { ...env } });
}

/** A terminal with nothing in between. */
export function ptyLine(): Line {
  const pty = spawnShell();
  const line: Line = {
    type: (text) => pty.write(text),
    onData: () => {},
    close: () => pty.kill("SIGKILL"),
  };
  // With `encoding: null` node-pty hands out bytes, whatever its types say.
  pty.onData((data) => line.onData(data as unknown as Uint8Array));
  return line;
}
