import { channelWindows } from "../../wire/channels/channel.ts";
import { resetCode } from "../../wire/channels/frame.ts";
import type { CommandContext } from "../commandContext.ts";
import { withLocalCore } from "../localCore.ts";
import { findNode } from "../nodeLookup.ts";

/** A terminal on a node in this terminal; ends with the shell's exit code. */
export function nodeShell({ configuration, say }: CommandContext, wanted: string): Promise<number> {
  const { stdin, stdout } = process;
  return withLocalCore(configuration.dataFolder, async (client) => {
    const node = await findNode(client, wanted);
    const { promise, resolve } = Promise.withResolvers<number>();
    let exitCode: number | undefined;
    const { channel, result } = await client.openChannel({
      kind: "terminal",
      nodeId: node.nodeId,
      params: { cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 },
      window: channelWindows.terminal,
      onResult: ({ exit_code: code }) => {
        exitCode = typeof code === "number" ? code : undefined;
      },
      handler: {
        data: (bytes) => {
          stdout.write(bytes, () => channel.consumed(bytes.length));
        },
        ended: () => channel.end(),
        writable: () => stdin.resume(),
        closed: (reset) => {
          if (reset !== undefined) say(`the terminal was closed: ${reset.reason}`);
          resolve(exitCode ?? (reset === undefined ? 0 : 1));
        },
      },
    });
    const session = String(result["session"]);
    const onResize = (): void => {
      const { columns: cols = 80, rows = 24 } = stdout;
      client.request("terminal-resize", { vmId: node.nodeId, session, cols, rows }).catch(() => {});
    };
    const onInput = (bytes: Buffer): void => {
      if (!channel.write(bytes)) stdin.pause();
    };
    const onEnd = (): void => channel.reset(resetCode.cancelled, "the input ended");
    const wasRaw = stdin.isTTY && stdin.isRaw;
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on("data", onInput);
    if (stdin.isTTY) stdin.on("end", onEnd);
    stdout.on("resize", onResize);
    try {
      return await promise;
    } finally {
      if (stdin.isTTY) stdin.setRawMode(wasRaw);
      stdin.off("data", onInput);
      stdin.off("end", onEnd);
      stdin.pause();
      stdout.off("resize", onResize);
    }
  });
}
