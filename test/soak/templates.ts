const envelope = (type: string, data: object): string =>
  JSON.stringify({ type, id: "00000000-0000-4000-8000-000000000001", timestamp: "2026-01-01T00:00:00Z", data });

/** Correct messages of a node; `self` is the node that the connection is. */
export function nodeTemplates(self: string): readonly string[] {
  return [
    envelope("node_register", { node_id: self, hostname: self, ip_address: "127.0.0.1", os_info: "fuzz" }),
    envelope("node_register", {
      node_id: self,
      hostname: self,
      ip_address: "127.0.0.1",
      picket: { version: 1, capabilities: ["channels", "terminal", "exec-stream", "inventory"] },
    }),
    envelope("heartbeat", { node_id: self, status: "online", metrics: { cpu_usage: 5, memory_usage: 50 } }),
    envelope("heartbeat", { node_id: "watched-0", status: "online", metrics: { cpu_usage: 5 } }),
    envelope("command_started", { command_id: "c" }),
    envelope("command_result", { command_id: "c", exit_code: 0, stdout: "x", stderr: "", execution_time_ms: 1 }),
    envelope("error", { error_code: "FORBIDDEN_BY_POLICY", message: "no", details: "no" }),
    envelope("challenge_response", { signature: "AAAA" }),
    envelope("inventory", { facts: { a: 1 } }),
    envelope("channel_open", { channel: 1, kind: "terminal", params: {}, window: 65536 }),
    envelope("channel_opened", { channel: 2, window: 1024, result: {} }),
    envelope("channel_rejected", { channel: 2, error_code: "FORBIDDEN", message: "no" }),
    envelope("channel_result", { channel: 2, result: { exit_code: 0 } }),
  ];
}

/** Correct messages of a console that may only look: whatever they become, they must change nothing. */
export function consoleTemplates(): readonly string[] {
  return [
    envelope("hello", { version: 1, capabilities: ["channels"] }),
    envelope("ping", {}),
    envelope("node-list", { limit: 5 }),
    envelope("node-get", { nodeId: "watched-0" }),
    envelope("node-remove", { nodeId: "watched-0" }),
    envelope("node-rename", { nodeId: "watched-0", name: "x" }),
    envelope("history", { nodeId: "watched-0", metrics: ["cpu_usage"], from: 0, to: 1_000_000, points: 10 }),
    envelope("command-run", { nodeIds: ["watched-0"], command: "true" }),
    envelope("command-list", { limit: 5 }),
    envelope("token-create", { uses: 1 }),
    envelope("user-create", { username: "evil", password: "correct horse battery", role: "administrator" }),
    envelope("subscribe", { topic: "nodes" }),
    envelope("subscribe", { topic: "node-metrics", nodeId: "watched-0", interval: 1000 }),
    envelope("subscribe", { topic: "system-monitor", interval: 1000 }),
    envelope("unsubscribe", { topic: "nodes" }),
    envelope("terminal-connect", { vmId: "watched-0", type: "node" }),
    envelope("terminal-input", { vmId: "watched-0", input: "x" }),
    envelope("terminal-resize", { vmId: "watched-0", cols: 80, rows: 24 }),
    envelope("channel_open", { channel: 1, kind: "terminal", params: { node_id: "watched-0" }, window: 65536 }),
    envelope("channel_open", { channel: 3, kind: "exec", params: { node_id: "fuzz-1", command: "x" }, window: 1 }),
  ];
}
