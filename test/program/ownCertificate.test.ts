import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { runProgram } from "../support/runProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

async function start(t: TestContext, folder: string) {
  const args = ["--core-only", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0,protocol=documents,tls"];
  const program = runProgram(t, [...args, "--data", folder], { env: { PICKET_ADMIN_PASSWORD: "a good password" } });
  const urls = await program.printed(/^picket core listening on (.+)$/m);
  const [, fingerprint] = /^picket certificate: self-signed, SHA-256 (\S+)$/m.exec(program.stdout) ?? [];
  return { program, url: urls.split(" ").find((url) => url.startsWith("https:")) ?? "", fingerprint };
}

test("documents over TLS need no certificate: the core makes one, prints its fingerprint and keeps it", async (t) => {
  const folder = temporaryFolder(t);
  const first = await start(t, folder);
  // Clients of this protocol name no path.
  const socket = new WebSocket(first.url.replace("https:", "wss:"), { rejectUnauthorized: false });
  t.after(() => socket.terminate());
  let shown: string | undefined;
  socket.once("upgrade", (response) => {
    shown = (response.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
  });
  await once(socket, "open");
  assert.equal(shown, first.fingerprint);
  socket.send(JSON.stringify({ action: "server_info", data: {}, username: "", token: "" }));
  const [answer] = await once(socket, "message");
  const { code, data } = JSON.parse(String(answer)) as { code: number; data: Record<string, unknown> };
  assert.deepEqual([code, data["protocol_version"], data["lockdown"]], [200, 3, false]);
  first.program.signal("SIGTERM");
  assert.equal((await first.program.exit).code, 0);
  const second = await start(t, folder);
  assert.equal(second.fingerprint, first.fingerprint);
});
