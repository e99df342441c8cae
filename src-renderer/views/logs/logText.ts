import type { LogLine } from "../../../src-main/protocols/machines/messages/logs.ts";

/** Lines as a file has them, the times in UTC. */
export function logText(lines: readonly LogLine[], nodeLabel: (nodeId: string) => string): string {
  return lines
    .map(({ time, level, nodeId, source, message }) => {
      const head = `${new Date(time).toISOString()} ${level.toUpperCase().padEnd(8)} ${nodeLabel(nodeId)} ${source}: `;
      return `${head}${message.replaceAll("\n", "\n\t")}\n`;
    })
    .join("");
}
