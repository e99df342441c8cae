import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainMonitor, serverId } from "../../support/plainMonitor.ts";
import { startMonitoredAgent } from "../../support/startMonitoredAgent.ts";
import { startTcpProxy } from "../../support/tcpProxy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

test("our agent authenticates first and reports in the documented shape", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const agent = await startMonitoredAgent(t, monitor);
  const { messages, next } = await monitor.accept();
  assert.deepEqual(messages[0], { type: "auth", api_key: monitor.apiKey });
  const { timestamp, cpu_percent, memory_percent, disk_usage, network, ...rest } = await next("metrics");
  assert.deepEqual(rest, { type: "metrics", server_id: serverId });
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const percent of [cpu_percent, memory_percent]) assert.ok(Number(percent) >= 0 && Number(percent) <= 100);
  const disks = disk_usage as Record<string, unknown>[];
  const root = disks.find(({ mount }) => mount === "/");
  assert.ok(Number(root?.["total"]) > 0 && Number(root?.["used"]) > 0 && Number(root?.["percent"]) <= 100);
  assert.deepEqual(Object.keys(root ?? {}).sort(), ["device", "mount", "percent", "total", "used"]);
  for (const item of network as Record<string, unknown>[]) {
    assert.deepEqual(Object.keys(item).sort(), ["interface", "rx_bytes", "rx_rate", "tx_bytes", "tx_rate"]);
  }
  assert.equal(agent.connections, 1);
});

test("command is run under the policy, and the response is as documented", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const policy = "version: 1\ncapabilities: [commands]\ncommands:\n  deny: ['^shutdown']\n";
  await startMonitoredAgent(t, { url: monitor.url, apiKey: monitor.apiKey, policy });
  const agent = await monitor.accept();
  agent.send({ type: "command", command_id: "c1", command: "echo out; echo err >&2; exit 3" });
  const { duration_ms, ...response } = await agent.next("command_response");
  assert.deepEqual(response, { type: "command_response", command_id: "c1", output: "out\nerr\n", exit_code: 3 });
  assert.ok(Number(duration_ms) >= 0);
  agent.send({ type: "command", command_id: "c2", command: "shutdown now" });
  const refusal = await agent.next("command_response");
  assert.equal(refusal["exit_code"], 126);
  assert.match(String(refusal["output"]), /a deny pattern matches/);
});

test("a command that is given twice is run once, and answered again", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const { folder } = await startMonitoredAgent(t, monitor);
  const agent = await monitor.accept();
  const command = { type: "command", command_id: "c1", command: `echo x >> ${folder}/ran; cat ${folder}/ran` };
  agent.send(command);
  assert.equal((await agent.next("command_response"))["output"], "x\n");
  agent.send(command);
  assert.equal((await agent.next("command_response"))["command_id"], "c1");
  agent.send({ type: "command", command_id: "c2", command: `cat ${folder}/ran` });
  const { command_id, output } = await agent.next("command_response");
  assert.deepEqual([command_id, output], ["c2", "x\n"]);
});

test("docker_command without the right to containers is answered, and the connection goes on", async (t) => {
  const monitor = await PlainMonitor.start(t);
  await startMonitoredAgent(t, monitor);
  const agent = await monitor.accept();
  for (const action of ["start", "list", "explode"]) {
    agent.send({ type: "docker_command", command_id: action, action, container_id: "container-id" });
    const { command_id, success, message } = await agent.next("docker_response");
    assert.deepEqual([command_id, success, typeof message], [action, false, "string"]);
  }
  agent.send({ type: "command", command_id: "c1", command: "true" });
  assert.equal((await agent.next("command_response"))["exit_code"], 0);
});

test("what is unreadable, unknown or an error is no reason to go", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const agent = await startMonitoredAgent(t, monitor);
  const { socket, send, next } = await monitor.accept();
  for (const odd of ["{", "7", JSON.stringify({ type: "unheard-of" }), JSON.stringify({ type: "command" })])
    socket.send(odd);
  socket.send(Buffer.from([1, 2, 3]));
  send({ type: "error", message: "Invalid message format" });
  send({ type: "auth_success", server_id: "another", message: "again" });
  send({ type: "command", command_id: "c1", command: "true" });
  await next("command_response");
  assert.equal((await next("metrics"))["server_id"], serverId);
  assert.deepEqual([agent.connections, agent.refusals.length], [1, 0]);
});

test("a bad key stops the agent with a sentence that says so", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const clock = new ManualClock();
  const agent = await startMonitoredAgent(t, { url: monitor.url, apiKey: "wrong", clock });
  const refusal = await eventually(() => agent.refusals[0]);
  assert.equal(refusal.message, "monitor refuses this API key: Invalid or inactive API key");
  clock.advance(120_000);
  await sleep(100);
  assert.equal(monitor.dials, 1, "it does not try again");
  assert.equal(agent.refusals.length, 1);
});

test("after a broken link the agent comes back, authenticates again and sends what it kept, oldest first", async (t) => {
  const monitor = await PlainMonitor.start(t);
  const proxy = await startTcpProxy(t, monitor.port);
  const clock = new ManualClock(Date.now());
  const url = monitor.url.replace(`:${monitor.port}/`, `:${proxy.port}/`);
  const agent = await startMonitoredAgent(t, { url, apiKey: monitor.apiKey, clock });
  const first = await monitor.accept();
  await eventually(() => agent.connections === 1);
  /** Lets five seconds pass, and a sample be measured. */
  const measure = async (): Promise<number> => {
    clock.advance(5_000);
    await sleep(10);
    return clock.wallTime();
  };
  await measure();
  await first.next("metrics");
  proxy.cut();
  await once(first.socket, "close");
  for (let count = 0; count < 200; count += 1) await measure();
  proxy.heal();
  await eventually(() => {
    clock.advance(5_000);
    return monitor.connections.length === 2;
  });
  const second = await monitor.accept();
  assert.equal(second.messages[0]?.["type"], "auth");
  const last = await measure();
  const reports = () => second.messages.filter(({ type }) => type === "metrics");
  const times = () => reports().map(({ timestamp }) => Date.parse(String(timestamp)));
  await eventually(() => (times().at(-1) ?? 0) >= last - 5_000);
  assert.deepEqual(
    times(),
    [...times()].sort((one, other) => one - other),
    "oldest first",
  );
  const [oldest = 0] = times();
  assert.ok(oldest >= last - 17 * 60_000, "what is older than a quarter of an hour is forgotten");
  assert.ok(oldest <= last - 14 * 60_000, "what is younger is not");
  assert.ok(reports().length >= 170, `${reports().length} reports`);
  assert.equal(agent.connections, 2);
});

test("a result that was lost with the link is sent again over the next one", async (t) => {
  const folder = temporaryFolder(t);
  const monitor = await PlainMonitor.start(t);
  await startMonitoredAgent(t, { url: monitor.url, apiKey: monitor.apiKey, folder });
  const first = await monitor.accept();
  first.send({ type: "command", command_id: "c1", command: "sleep 1; echo late" });
  await sleep(300);
  first.socket.terminate();
  const second = await monitor.accept();
  const { output, exit_code } = await second.next("command_response");
  assert.deepEqual([output, exit_code], ["late\n", 0]);
});

test("a server that does not answer auth is left and asked again", async (t) => {
  const monitor = await PlainMonitor.start(t);
  monitor.mode = "silent";
  const clock = new ManualClock();
  const agent = await startMonitoredAgent(t, { url: monitor.url, apiKey: monitor.apiKey, clock });
  await eventually(() => monitor.dials === 1);
  clock.advance(9_999);
  assert.equal(monitor.dials, 1);
  monitor.mode = "normal";
  await eventually(() => {
    clock.advance(500);
    return agent.connections === 1;
  });
});
