import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { HostPolicy } from "../../src-main/http/hostPolicy.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

const policy = new HostPolicy(["Picket.Example", "other.example"]);

const ours = [
  "localhost",
  "LOCALHOST:9999",
  "console.localhost:1",
  "127.0.0.1:9999",
  "192.168.1.7",
  "[::1]:9999",
  "[fe80::1]",
  "picket.example",
  "PICKET.example:443",
  hostname(),
  `${hostname()}.local:9999`,
];

const notOurs = [
  undefined,
  "",
  "evil.example",
  "picket.example.evil.example",
  "xpicket.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "localhost@evil.example",
  "evil.example#localhost",
  "evil.example/localhost",
  "evil.example?localhost",
  "a b",
  "picket.example:99999",
  "::1",
  "nolocalhost",
];

test("an address, this machine's names and what is allowed are ours", () => {
  for (const host of ours) assert.equal(policy.allowsHost(host), true, host);
});

test("every other name is not", () => {
  for (const host of notOurs) assert.equal(policy.allowsHost(host), false, String(host));
});

const origins: readonly (readonly [origin: string | undefined, host: string | undefined, allowed: boolean])[] = [
  [undefined, "picket.example", true],
  [undefined, undefined, true],
  ["http://picket.example", "picket.example", true],
  ["https://picket.example", "picket.example", true],
  ["http://picket.example:9999", "picket.example:9999", true],
  ["http://PICKET.example:9999", "picket.EXAMPLE:9999", true],
  ["http://[::1]:9999", "[::1]:9999", true],
  ["http://picket.example:9998", "picket.example:9999", false],
  ["http://picket.example", undefined, false],
  ["http://other.example", "picket.example", false],
  ["http://evil.example", "picket.example", false],
  ["http://picket.example.evil.example", "picket.example", false],
  ["null", "picket.example", false],
  ["", "picket.example", false],
  ["picket.example", "picket.example", false],
];

for (const [origin, host, allowed] of origins) {
  test(`a page from ${origin} ${allowed ? "may" : "may not"} ask ${host}`, () => {
    assert.equal(policy.allowsOrigin(origin, host), allowed);
  });
}
