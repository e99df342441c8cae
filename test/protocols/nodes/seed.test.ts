import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const url = (wsUrl: string, query: string): string => `${wsUrl}/api/v1/ws?${query}`;

const register = {
  type: "node_register",
  id: "123e4567-e89b-12d3-a456-426614174000",
  timestamp: "2025-01-21T10:00:00Z",
  data: {
    node_id: "node-001",
    hostname: "server-01",
    ip_address: "192.168.1.100",
    os_info: "Ubuntu 22.04 LTS",
  },
};

const heartbeat = {
  type: "heartbeat",
  id: "223e4567-e89b-12d3-a456-426614174001",
  timestamp: "2025-01-21T10:00:30Z",
  data: {
    node_id: "node-001",
    status: "online",
    metrics: { cpu_usage: 45.2, memory_usage: 68.5, disk_usage: 34.1, load_average: 1.23 },
  },
};

test("a plain node goes through its whole life: welcome, registration, heartbeat, command", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const node = await RawPeer.connect(t, url(core.wsUrl, `token=${token}&node_id=node-001`));

  const welcome = await node.next();
  assert.deepEqual(Object.keys(welcome).sort(), ["data", "id", "timestamp", "type"]);
  assert.equal(welcome["type"], "welcome");
  assert.match(String(welcome["id"]), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(String(welcome["timestamp"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.deepEqual(Object.keys(welcome["data"] as object).sort(), ["message", "node_id"]);
  assert.equal((welcome["data"] as { node_id: string }).node_id, "node-001");

  node.send(register);
  const registered = await node.next();
  assert.equal(registered["type"], "register_response");
  assert.equal(registered["id"], register.id);
  const registeredData = registered["data"] as Record<string, unknown>;
  assert.equal(registeredData["success"], true);
  assert.equal(registeredData["node_id"], "node-001");
  assert.equal(registeredData["action"], "created");
  assert.equal(typeof registeredData["message"], "string");
  assert.equal("picket" in registeredData, false, "the extension is not spoken to a plain node");

  node.send(heartbeat);
  const ack = await node.next();
  assert.equal(ack["type"], "heartbeat_ack");
  assert.equal(ack["id"], heartbeat.id);
  assert.deepEqual(ack["data"], { received: true, node_id: "node-001" });
  const record = core.core.nodes.require("node-001");
  assert.equal(record.status, "online");
  assert.equal(core.core.metrics.latest(record.key)?.values[0], 45.2);

  const console = await core.console();
  const run = await console.request("command-run", { nodeIds: ["node-001"], command: "ls -la /home", timeout: 30 });
  const commandId = run.commands[0]?.commandId ?? "";
  const execute = await node.next();
  assert.equal(execute["type"], "execute_command");
  assert.deepEqual(execute["data"], { command_id: commandId, command_text: "ls -la /home", timeout: 30 });
  node.send({
    type: "command_started",
    id: execute["id"],
    timestamp: "2025-01-21T10:01:01Z",
    data: { command_id: commandId },
  });
  const result = {
    type: "command_result",
    id: "423e4567-e89b-12d3-a456-426614174003",
    timestamp: "2025-01-21T10:01:02Z",
    data: { command_id: commandId, exit_code: 0, stdout: "total 24\n…", stderr: "", execution_time_ms: 125 },
  };
  node.send(result);
  const received = await node.next();
  assert.equal(received["type"], "command_received");
  assert.equal(received["id"], result.id);
  assert.deepEqual(received["data"], { received: true, node_id: "node-001" });
  const { command } = await console.request("command-get", { commandId });
  assert.equal(command.status, "succeeded");
  assert.equal(command.executionTimeMs, 125);
  assert.equal((await console.request("command-output", { commandId, stream: "stdout" })).text, "total 24\n…");
});

test("without a node id the core makes one", async (t) => {
  const core = await startCore(t);
  const node = await RawPeer.connect(t, url(core.wsUrl, `token=${await core.enrolmentToken()}`));
  const { data } = await node.next();
  assert.match((data as { node_id: string }).node_id, /^[0-9a-f-]{36}$/);
});

test("a token that is missing, unknown, used up, expired or revoked: the error, then 1008", async (t) => {
  const core = await startCore(t);
  const used = await core.enrolmentToken(1);
  const first = await RawPeer.connect(t, url(core.wsUrl, `token=${used}&node_id=node-001`));
  await first.next();
  first.send(register);
  await first.nextOf("register_response");
  const { token: expired } = await core.core.tokens.create({
    uses: 1,
    group: "default",
    createdBy: "test",
    expiresIn: -1,
  });
  const { token: revoked, info } = await core.core.tokens.create({ uses: 1, group: "default", createdBy: "test" });
  await core.core.tokens.revoke(info.id);
  const tokens = [
    "",
    "token=",
    "token=nonsense",
    `token=${used}&node_id=node-002`,
    `token=${expired}`,
    `token=${revoked}`,
  ];
  for (const query of [...tokens, "token=default-token", "token=node:node-001", "token=node:unknown"]) {
    const peer = await RawPeer.connect(t, url(core.wsUrl, query));
    const error = await peer.next();
    assert.equal(error["type"], "error", query);
    const data = error["data"] as Record<string, unknown>;
    assert.equal(data["error_code"], "INVALID_TOKEN", query);
    assert.deepEqual(Object.keys(data).sort(), ["details", "error_code", "message"]);
    assert.equal((await peer.closed).code, 1008, query);
  }
});

test("the six errors of the plain protocol", async (t) => {
  const core = await startCore(t);
  const node = await RawPeer.connect(t, url(core.wsUrl, `token=${await core.enrolmentToken()}&node_id=node-001`));
  await node.next();
  const errorOf = async (): Promise<{ id: unknown; code: unknown; message: unknown; details: unknown }> => {
    const { type, id, data } = await node.next();
    assert.equal(type, "error");
    const { error_code: code, message, details } = data as Record<string, unknown>;
    return { id, code, message, details };
  };

  node.send(heartbeat);
  const unknownNode = await errorOf();
  assert.equal(unknownNode.code, "NODE_NOT_FOUND");
  assert.equal(unknownNode.id, heartbeat.id);

  node.send('{"type": x');
  const broken = await errorOf();
  assert.equal(broken.code, "PARSE_ERROR");
  assert.match(String(broken.details), /position 9/);

  node.send({ ...heartbeat, type: "invalid_type", id: "723e4567-e89b-12d3-a456-426614174006" });
  const unknownType = await errorOf();
  assert.equal(unknownType.code, "UNKNOWN_MESSAGE_TYPE");
  assert.equal(unknownType.id, "723e4567-e89b-12d3-a456-426614174006");
  assert.match(String(unknownType.message), /invalid_type/);
  assert.match(String(unknownType.details), /node_register, heartbeat/);
});
