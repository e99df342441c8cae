import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer } from "node:tls";
import { ownCertificate } from "../../../src-main/http/certificate/ownCertificate.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

const day = 24 * 3_600_000;

test("the core's own certificate is P-256, for a year, and for every name it answers to", async (t) => {
  const folder = join(temporaryFolder(t), "tls");
  const clock = new ManualClock();
  const { cert, fingerprint } = await ownCertificate({ folder, hosts: ["core.example", "192.0.2.7"], clock });
  const read = new X509Certificate(cert);
  assert.equal(read.subject, "CN=core.example");
  assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  assert.ok(read.verify(read.publicKey), "it is signed with its own key");
  assert.equal(read.checkHost("core.example"), "core.example");
  assert.equal(read.checkIP("192.0.2.7"), "192.0.2.7");
  assert.equal(read.checkIP("::1"), "::1");
  assert.equal(read.checkHost("other.example"), undefined);
  assert.ok(Math.abs(read.validToDate.getTime() - clock.wallTime() - 365 * day) < 2_000);
  assert.equal(fingerprint, read.fingerprint256);
  assert.equal(statSync(join(folder, "certificate-key.pem")).mode & 0o777, 0o600);
});

test("a TLS client that trusts it connects", async (t) => {
  const made = await ownCertificate({
    folder: temporaryFolder(t),
    hosts: ["127.0.0.1"],
    clock: new ManualClock(Date.now()),
  });
  const server = createServer({ cert: made.cert, key: made.key }, (socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, ca: made.cert });
  const [bytes] = await once(socket, "data");
  assert.equal(String(bytes), "hello");
  await once(socket, "close");
});

test("it stays the same over restarts, and is made anew near its end, for a new name, or without its key", async (t) => {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  const make = async (hosts: readonly string[] = ["core.example"]): Promise<string> =>
    (await ownCertificate({ folder, hosts, clock })).fingerprint;
  const first = await make();
  clock.advance(300 * day);
  assert.equal(await make(), first);
  clock.advance(40 * day);
  const second = await make();
  assert.notEqual(second, first);
  assert.equal(await make(["127.0.0.1"]), second);
  const third = await make(["new.example"]);
  assert.notEqual(third, second);
  const key = readFileSync(join(folder, "certificate-key.pem"), "utf8");
  for (const broken of ["", "no key", key.replace(/\w{9}/, "AAAAAAAAA")]) {
    const before = await make(["new.example"]);
    writeFileSync(join(folder, "certificate-key.pem"), broken);
    assert.notEqual(await make(["new.example"]), before);
  }
});
