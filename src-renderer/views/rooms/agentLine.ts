export interface AgentLine {
  /** The relay's address, `ws:` or `wss:`. */
  readonly relay: string;
  readonly token: string;
}

/** The one line that puts a machine into a room as a device that runs commands. */
export function agentLine({ relay, token }: AgentLine): string {
  return `npm run -s picket -- --agent-only --server ${relay} --protocol rooms --token ${token}`;
}
