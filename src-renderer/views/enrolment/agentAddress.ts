/** Where the agents of the monitoring protocol connect to. @param server the core's address as the server reaches it */
export function agentAddress(server: string): string {
  return `${server.replace(/^http/, "ws").replace(/\/$/, "")}/api/v1/agents/ws`;
}

/** The one line with which Picket's own agent reports in the monitoring protocol. */
export function agentLine(server: string, apiKey: string): string {
  return `npm run -s picket -- --agent-only --server ${server} --protocol monitoring --token ${apiKey}`;
}
