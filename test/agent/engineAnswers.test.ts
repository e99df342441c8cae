import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findEngineAddress } from "../../src-main/agent/containers/engineAddress.ts";
import { readContainerEvent, readContainers, readStats } from "../../src-main/agent/containers/engineMessages.ts";
import { fitList } from "../../src-main/agent/containers/fitMessage.ts";
import { LogDemultiplexer } from "../../src-main/agent/containers/logDemultiplexer.ts";
import { LogTail } from "../../src-main/agent/containers/logTail.ts";
import { earlierCpu, statsOf } from "../../src-main/agent/containers/statsOf.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

function demultiplexed(chunks: readonly Uint8Array[]): string {
  const parts: Uint8Array[] = [];
  const demultiplexer = new LogDemultiplexer((bytes) => parts.push(bytes.slice()));
  for (const chunk of chunks) demultiplexer.feed(chunk);
  return Buffer.concat(parts).toString("utf8");
}

test("frames of both streams come out as plain bytes, wherever they were cut", () => {
  const whole = Buffer.concat([frame(1, "out\n"), frame(2, "err\n"), frame(1, ""), frame(1, "größer\n")]);
  for (let size = 1; size <= whole.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
      whole.subarray(at * size, at * size + size),
    );
    assert.equal(demultiplexed(chunks), "out\nerr\ngrößer\n", `in pieces of ${size}`);
  }
});

test("what is not framed at all is passed on as it is", () => {
  const text = "a plain line of a terminal\n";
  assert.equal(demultiplexed([Buffer.from(text.slice(0, 3)), Buffer.from(text.slice(3))]), text);
});

test("the last of the output fits one message, whatever is in it", () => {
  const tail = new LogTail();
  for (let index = 0; index < 100; index += 1) tail.append(Buffer.alloc(4096, 1));
  tail.append(Buffer.from("the end"));
  const text = tail.text();
  assert.ok(text.endsWith("the end"));
  assert.ok(JSON.stringify(text).length <= 500_000);
});

const listed = {
  Id: "c1",
  Names: ["/web"],
  Image: "nginx",
  State: "running",
  Status: "Up 2 minutes",
  Created: 1_700_000_000,
  Ports: [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 443, Type: "tcp" },
  ],
};

test("a list of Docker is read; what is odd in it costs no more than itself", () => {
  const [container] = readContainers([listed]);
  assert.deepEqual(container, {
    id: "c1",
    name: "web",
    image: "nginx",
    state: "running",
    status: "Up 2 minutes",
    created: 1_700_000_000_000,
    ports: [
      { address: "0.0.0.0", published: 8080, target: 80, protocol: "tcp" },
      { address: null, published: null, target: 443, protocol: "tcp" },
    ],
  });
  const odd = readContainers([
    { ...listed, Ports: [{ PrivatePort: "x" }, listed.Ports[0]], State: "melting", Names: null, Image: 7 },
    { Names: ["/without-an-id"] },
    null,
    { ...listed, Image: "x".repeat(5_000) },
  ]);
  assert.deepEqual(
    odd.map(({ name, state, image, ports }) => [name, state, image.length, ports.length]),
    [
      ["", "unknown", 0, 1],
      ["web", "running", 512, 2],
    ],
  );
  assert.deepEqual(readContainers("no list"), []);
  assert.equal(readContainers(Array.from({ length: 2_000 }, () => listed)).length, 1_000);
});

test("a list that is too large for a message is cut, not the connection", () => {
  const ports = Array.from({ length: 32 }, () => ({
    address: "a".repeat(64),
    published: 1,
    target: 1,
    protocol: "tcp",
  }));
  const [one] = readContainers([listed]);
  assert.ok(one !== undefined);
  const list = fitList({ engine: null, containers: Array.from({ length: 1_000 }, () => ({ ...one, ports })) });
  assert.ok(list.containers.length > 100 && JSON.stringify(list).length < 900_000);
});

test("events are told in Docker's words, with the exit code where there is one", () => {
  const event = (Action: string, attributes: object) =>
    readContainerEvent({
      Type: "container",
      Action,
      time: 5,
      Actor: { ID: "c1", Attributes: { name: "web", image: "nginx", ...attributes } },
    });
  const container = { id: "c1", name: "web", image: "nginx" };
  assert.deepEqual(event("die", { exitCode: "137" }), { container, event: "die", time: 5_000, exitCode: 137 });
  assert.deepEqual(event("died", { containerExitCode: "1" }), { container, event: "die", time: 5_000, exitCode: 1 });
  assert.deepEqual(event("start", { containerExitCode: "0" }), { container, event: "start", time: 5_000 });
  assert.equal(event("exec_start: sh", {}), undefined);
  assert.equal(readContainerEvent({ Type: "image", Action: "pull", time: 1, Actor: { ID: "x" } }), undefined);
});

test("numbers of Docker: percent of one processor, and memory without what the kernel only keeps", () => {
  const stats = readStats({
    read: "2026-01-01T00:00:02Z",
    preread: "2026-01-01T00:00:01Z",
    cpu_stats: { cpu_usage: { total_usage: 2_500_000_000 } },
    precpu_stats: { cpu_usage: { total_usage: 1_000_000_000 } },
    memory_stats: { usage: 1_000, limit: 5_000, stats: { inactive_file: 400 } },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: "Read", value: 7 },
        { op: "read", value: 1 },
        { op: "Write", value: 3 },
      ],
    },
    pids_stats: { current: 4 },
  });
  assert.ok(stats !== undefined);
  const { cpu, memory, network, disk, processes } = statsOf(stats, earlierCpu(stats));
  assert.deepEqual(
    [cpu, memory, network, disk, processes],
    [150, { used: 600, limit: 5_000 }, { rx: 11, tx: 22 }, { read: 8, write: 3 }, 4],
  );
});

test("the engine is the one that DOCKER_HOST names, or none", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "picket-eng-"));
  const socket = join(folder, "podman", "podman.sock");
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const named = (wanted: string) => findEngineAddress({ DOCKER_HOST: wanted });
  assert.equal(named(`unix://${socket}`), undefined, "nothing listens there");
  assert.equal(named("ssh://somewhere"), undefined);
  assert.deepEqual(named("tcp://192.0.2.1:2375"), { socketPath: undefined, name: "tcp://192.0.2.1:2375" });
  const server = createServer();
  const listening = join(folder, "s");
  await new Promise<void>((resolve) => server.listen(listening, resolve));
  assert.deepEqual(named(`unix://${listening}`), { socketPath: listening, name: listening });
  await new Promise((resolve) => server.close(resolve));
});
