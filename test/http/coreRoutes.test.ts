import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { request } from "../support/request.ts";
import { startCore } from "../support/startCore.ts";

failOnLeaks();

/** The samples of a Prometheus text, with what its comments say of each. */
function parseMetrics(text: string): Readonly<Record<string, { readonly type: string; readonly value: number }>> {
  const types = new Map(
    Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = "", type = ""]) => [name, type]),
  );
  assert.match(text, /\n$/);
  const samples: Record<string, { type: string; value: number }> = {};
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("# ")) continue;
    const [, name = "", value] = /^([a-z_]+) (\S+)$/.exec(line) ?? [];
    assert.notEqual(value, undefined, line);
    assert.ok(text.includes(`# HELP ${name} `), name);
    samples[name] = { type: types.get(name) ?? "", value: Number(value) };
  }
  return samples;
}

test("the core says that it is ready, and its version", async (t) => {
  const core = await startCore(t);
  const answer = await request(core.httpUrl, "/healthz");
  assert.equal(answer.status, 200);
  const { status, version } = JSON.parse(answer.text) as { status: string; version: string };
  assert.equal(status, "ok");
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.equal((await request(core.httpUrl, "/healthz", { method: "HEAD" })).status, 200);
});

test("metrics are Prometheus text, and name no node", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core, { nodeId: "secret-node" });
  await PlainNode.join(t, core, { nodeId: "other" }).then((other) => other.close());
  await node.heartbeat({ cpu_usage: 1 });
  await node.heartbeat({ cpu_usage: 2 }, new Date(Date.now() + 5_000).toISOString());
  const console = await core.console();
  await console.request("ping", {});
  const { status, headers, text } = await request(core.httpUrl, "/metrics");
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.doesNotMatch(text, /secret-node/);
  const metrics = parseMetrics(text);
  assert.deepEqual(metrics["picket_nodes"], { type: "gauge", value: 2 });
  assert.equal(metrics["picket_nodes_online"]?.value, 1);
  assert.equal(metrics["picket_node_connections"]?.value, 1);
  assert.equal(metrics["picket_console_connections"]?.value, 1);
  assert.deepEqual(metrics["picket_samples_stored_total"], { type: "counter", value: 2 });
  assert.equal(metrics["picket_storage_failing"]?.value, 0);
  assert.ok((metrics["picket_database_bytes"]?.value ?? 0) > 10_000);
  assert.ok((metrics["process_resident_memory_bytes"]?.value ?? 0) > 1e6);
  assert.ok((metrics["process_cpu_seconds_total"]?.value ?? 0) > 0);
});

test("the local socket is its owner's alone, and answers to whatever name it is called by", async (t) => {
  const core = await startCore(t);
  const { mode, uid } = statSync(core.localSocket);
  assert.equal(mode & 0o777, 0o600);
  assert.equal(uid, process.getuid?.());
  const answer = await request("http://core", "/healthz", { socketPath: core.localSocket, headers: { host: "core" } });
  assert.equal(answer.status, 200);
  assert.equal((await request(core.httpUrl, "/healthz", { headers: { host: "core" } })).status, 403, "and only it");
});

test("further names can be allowed", async (t) => {
  const core = await startCore(t, { configuration: { allowedHosts: ["picket.example"] } });
  assert.equal((await request(core.httpUrl, "/healthz", { headers: { host: "picket.example" } })).status, 200);
  assert.equal((await request(core.httpUrl, "/healthz", { headers: { host: "other.example" } })).status, 403);
});

test("a core that has stopped answers nobody", async (t) => {
  const core = await startCore(t);
  await core.close();
  await assert.rejects(request(core.httpUrl, "/healthz"), { code: "ECONNREFUSED" });
});
