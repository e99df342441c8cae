import assert from "node:assert/strict";
import { test } from "node:test";
import type { EnrolmentToken } from "../../src-main/protocols/machines/messages/enrolment.ts";
import { tokenState } from "../../src-renderer/views/enrolment/tokenState.ts";
import { deviceOf } from "../../src-renderer/views/settings/deviceName.ts";
import { readMachineFacts } from "../../src-renderer/views/settings/machineFacts.ts";

const token: EnrolmentToken = {
  tokenId: "t",
  name: null,
  group: "default",
  uses: 2,
  used: 1,
  createdBy: "kim",
  createdAt: 1_000,
  expiresAt: 5_000,
  revokedAt: null,
};

for (const [what, change, state] of [
  ["is open", {}, "open"],
  ["never ends", { expiresAt: null }, "open"],
  ["was used as often as it may", { used: 2 }, "usedUp"],
  ["has ended", { expiresAt: 2_000 }, "expired"],
  ["was revoked before all that", { revokedAt: 1_500, used: 2, expiresAt: 1_600 }, "revoked"],
] as const) {
  test(`a token that ${what}`, () => assert.equal(tokenState({ ...token, ...change }, 2_000), state));
}

for (const [userAgent, device] of [
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    { browser: "Edge", system: "Windows" },
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", { browser: "Firefox", system: "Linux" }],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    { browser: "Safari", system: "macOS" },
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Safari/604.1",
    { browser: "Chrome", system: "iOS" },
  ],
  ["curl/8.5", undefined],
  ["", undefined],
] as const) {
  test(`the device of ${JSON.stringify(userAgent.slice(0, 40))}`, () => assert.deepEqual(deviceOf(userAgent), device));
}

test("what the agent tells about its policy", () => {
  const facts = {
    agent: {
      version: "1.2.3",
      policy: {
        file: "/etc/policy.yaml",
        capabilities: ["commands"],
        shells: ["/bin/sh"],
        command_patterns: { allow: 2, deny: 1 },
        run_as: "kim",
      },
    },
  };
  assert.deepEqual(readMachineFacts(facts), {
    version: "1.2.3",
    policy: {
      file: "/etc/policy.yaml",
      capabilities: ["commands"],
      shells: ["/bin/sh"],
      allow: 2,
      deny: 1,
      runAs: "kim",
    },
  });
});

for (const facts of [null, undefined, "text", {}, { agent: 7 }, { agent: { policy: { capabilities: "all" } } }]) {
  test(`facts that are not what is expected are not there: ${JSON.stringify(facts)}`, () => {
    assert.deepEqual(readMachineFacts(facts), { version: undefined, policy: undefined });
  });
}
