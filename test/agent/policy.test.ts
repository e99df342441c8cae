import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

interface Written {
  readonly file: string;
  readonly policy: Policy;
  write(text: string): void;
}

async function written(t: TestContext, text: string): Promise<Written> {
  const file = join(temporaryFolder(t), "policy.yaml");
  const write = (content: string): void => writeFileSync(file, content);
  write(text);
  return { file, write, policy: await Policy.load({ file, logger: silentLogger }) };
}

const forbidden = { code: "FORBIDDEN_BY_POLICY" };
const everything = ["logs", "commands", "terminal", "inventory", "containers"];

test("without a policy file everything is allowed that this version can do", async (t) => {
  const policy = await Policy.load({ file: join(temporaryFolder(t), "none.yaml"), logger: silentLogger });
  const { capabilities, shells, allow, deny, runAs } = await policy.rules();
  assert.deepEqual([...capabilities].sort(), [...everything].sort());
  assert.deepEqual([shells, allow, deny, runAs], [undefined, undefined, [], undefined]);
  await policy.requireCommand("rm -rf /");
  await policy.requireShell("/bin/anything");
  assert.equal((await policy.summary())["file"], null);
});

test("a policy that lists capabilities allows these and no others", async (t) => {
  for (const listed of [["commands"], ["terminal"], ["inventory", "commands"], []] as const) {
    const { policy } = await written(t, `version: 1\ncapabilities: [${listed.join(", ")}]\n`);
    for (const one of ["commands", "terminal", "inventory"] as const) {
      const asked = policy.require(one);
      if (listed.some((allowed) => allowed === one)) await asked;
      else await assert.rejects(asked, forbidden, `${one} with ${listed.join()}`);
    }
  }
});

test("what is wrong with a policy file is said in one sentence, and the agent does not start", async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /not a map of keys/],
    ["[]", /not a map of keys/],
    ["7", /not a map of keys/],
    ["capabilities: [commands]", /"version" must be 1/],
    ["version: 2", /"version" must be 1/],
    ["version: '1'", /"version" must be 1/],
    ["version: 1\ncapabilites: [commands]", /"capabilites" is not known/],
    ["version: 1\ncommands: {alow: [x]}", /"commands\.alow" is not known/],
    ["version: 1\ncapabilities: commands", /"capabilities" has a value/],
    ["version: 1\ncapabilities: [fly]", /"capabilities\.0" has a value/],
    ["version: 1\nshells: []", /"shells" has a value/],
    ["version: 1\nshells: /bin/sh", /"shells" has a value/],
    ["version: 1\ncommands: {deny: ['(']}", /not a regular expression/],
    ["version: 1\nlogs: {mask: ['(']}", /not a regular expression/],
    ["version: 1\nlogs: {files: [app.log]}", /"logs\.files\.0" has a value/],
    ["version: 1\nlogs: {max_lines_per_second: 0}", /"logs\.max_lines_per_second" has a value/],
    ["version: 1\ncommands: {allow: ['']}", /"commands\.allow\.0" has a value/],
    ["version: 1\ncommands: {deny: [7]}", /"commands\.deny\.0" has a value/],
    ["version: 1\nrun_as: 'a b'", /"run_as" has a value/],
    ["version: 1\nrun_as: ../root", /"run_as" has a value/],
    ["version: 1\nfiles: /srv", /"files" has a value/],
    ["version: 1\n  bad: indent", /cannot be read/],
    ["version: [1", /cannot be read/],
    ["{version: 1, version: 1}", /cannot be read/],
  ];
  for (const [text, sentence] of cases) {
    const file = join(temporaryFolder(t), "policy.yaml");
    writeFileSync(file, text);
    await assert.rejects(Policy.load({ file, logger: silentLogger }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "CONFIG_INVALID", text);
      assert.match(error.message, sentence, text);
      assert.match(error.message, /^The policy file .*\.$/, text);
      assert.equal(error.message.includes("\n"), false, text);
      return true;
    });
  }
});

test("commands: a deny pattern wins over an allow pattern, and with allow patterns one of them must match", async (t) => {
  const { policy } = await written(
    t,
    "version: 1\ncommands:\n  allow: ['^systemctl (status|restart) [\\w.-]+$', '^uptime$']\n  deny: ['shadow', 'restart ssh']\n",
  );
  const cases = [
    { text: "uptime", allowed: true },
    { text: "systemctl restart nginx", allowed: true },
    { text: "systemctl restart ssh", allowed: false },
    { text: "systemctl stop nginx", allowed: false },
    { text: "uptime; rm -rf /", allowed: false },
    { text: "uptime\nrm -rf /", allowed: false },
    { text: "systemctl status x && cat /etc/shadow", allowed: false },
    { text: "", allowed: false },
  ];
  for (const { text, allowed } of cases) {
    const asked = policy.requireCommand(text);
    if (allowed) await asked;
    else await assert.rejects(asked, forbidden, text);
  }
});

test("a deny pattern alone leaves the rest allowed", async (t) => {
  const { policy } = await written(t, "version: 1\ncommands: {deny: ['(?i:shutdown)']}\n");
  await policy.requireCommand("ls");
  await assert.rejects(policy.requireCommand("sudo Shutdown now"), forbidden);
});

test("with command patterns a terminal is only allowed when it is named", async (t) => {
  const patterns = "commands: {deny: [rm]}";
  const { policy, write } = await written(t, `version: 1\n${patterns}\n`);
  await assert.rejects(policy.require("terminal"), forbidden);
  await policy.require("inventory");
  write(`version: 1\n${patterns}\ncapabilities: [commands, terminal]\n`);
  await policy.require("terminal");
});

test("only the listed shells open", async (t) => {
  const { policy } = await written(t, "version: 1\nshells: [/bin/rbash, /bin/sh]\n");
  await policy.requireShell("/bin/sh");
  for (const shell of ["/bin/bash", "sh", "/bin/../bin/sh", "/bin/sh "]) {
    await assert.rejects(policy.requireShell(shell), forbidden, shell);
  }
});

test("a change of the file holds from the next request on", async (t) => {
  const { policy, write, file } = await written(t, "version: 1\ncapabilities: [commands]\n");
  await policy.requireCommand("ls");
  write("version: 1\ncapabilities: [terminal]\n");
  await assert.rejects(policy.requireCommand("ls"), forbidden);
  await policy.requireShell("/bin/sh");
  rmSync(file);
  await policy.requireCommand("ls");
});

test("a file that gets broken allows nothing until it is put right", async (t) => {
  const { policy, write } = await written(t, "version: 1\n");
  await policy.requireCommand("ls");
  for (const broken of ["version: 3\n", "{{{", "", "version: 1\ncapabilities: [commands, typo]\n"]) {
    write(broken);
    await assert.rejects(policy.requireCommand("ls"), forbidden, broken);
    await assert.rejects(policy.requireShell("/bin/sh"), forbidden, broken);
    await assert.rejects(policy.require("inventory"), forbidden, broken);
  }
  write("version: 1\n");
  await policy.requireCommand("ls");
});

test("what an operator may know of the policy names no pattern", async (t) => {
  const { policy, file } = await written(
    t,
    "version: 1\ncapabilities: [commands]\nshells: [/bin/sh]\ncommands: {deny: [secret-pattern]}\nrun_as: nobody\n",
  );
  const summary = await policy.summary();
  assert.deepEqual(summary, {
    file,
    capabilities: ["commands"],
    shells: ["/bin/sh"],
    logs: { system: true, files: 0, lines_per_second: 500 },
    command_patterns: { allow: 0, deny: 1 },
    container_patterns: null,
    run_as: "nobody",
  });
});

test("rooms are never allowed unless they are named, and the patterns hold for them too", async (t) => {
  const none = await Policy.load({ file: join(temporaryFolder(t), "none.yaml"), logger: silentLogger });
  const refused = { code: "FORBIDDEN_BY_POLICY" };
  await assert.rejects(none.requireCommand("id", "rooms"), refused);
  for (const text of ["version: 1\n", "version: 1\ncapabilities: [commands]\n", "version: 1\ncapabilities: []\n"]) {
    const { policy } = await written(t, text);
    await assert.rejects(policy.requireCommand("id", "rooms"), refused, text);
  }
  const { policy } = await written(t, "version: 1\ncapabilities: [rooms]\ncommands:\n  deny: [rm]\n");
  await policy.requireCommand("id", "rooms");
  await assert.rejects(policy.requireCommand("rm x", "rooms"), refused);
  await assert.rejects(policy.requireCommand("id"), refused, "rooms let nothing in that comes another way");
});
