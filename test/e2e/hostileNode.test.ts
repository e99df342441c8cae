import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const image = '<img src=x onerror="alert(1)">';
const script = "<script>alert(2)</script>";
const address = "javascript:alert(3)";

test("a node's words are words, whatever they look like", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context, { args: ["--core-only"] });
  const node = await PlainNode.connect(context, program, { nodeId: "evil" });
  await node.register({
    hostname: image,
    ip_address: address,
    os_info: script,
    picket: { version: 1, capabilities: ["inventory", "exec-stream"] },
  });
  const facts = {
    hostname: image,
    os: { distribution: script, [image]: script, __proto__: "x" },
    network: [{ name: script, ipv4: address }],
    disks: [{ name: "\u202Egpj.exe", size: "not a number" }],
    agent: { version: image, policy: { file: script, capabilities: [image] } },
    collected_at: script,
    [script]: [[[{ deep: image }]]],
  };
  await node.answerTo(node.send("inventory", { node_id: node.nodeId, facts }));
  await node.heartbeat({ cpu_usage: 12 });
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  const row = page.getByRole("row").filter({ hasText: image });

  await context.test("in the list and on the node's page", async () => {
    await row.waitFor();
    assert.equal(await page.title(), "Nodes · Picket");
    await row.getByRole("link").click();
    await page.getByRole("heading", { name: image }).waitFor();
    assert.equal(await page.title(), `${image} · Picket`);
    await page.locator("canvas").first().waitFor();
  });

  await context.test("in its facts", async () => {
    await page.getByRole("link", { name: "Facts" }).click();
    await page.getByText(script).first().waitFor();
    assert.equal(await page.locator(`a[href^="${address}"]`).count(), 0);
  });

  await context.test("in what a command printed", async () => {
    await page.getByRole("navigation", { name: "Parts of this node" }).getByRole("link", { name: "Commands" }).click();
    await page.getByRole("textbox", { name: "Command" }).fill(`echo '${script}'`);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const { data } = await node.nextOf("execute_command");
    await node.result(String(data["command_id"]), {
      stdout: `${script}\n\u001b]8;;${address}\u001b\\link\u001b]8;;\u001b\\\n`,
      stderr: image,
    });
    await page.locator("pre", { hasText: "link" }).waitFor();
    await page.locator("pre", { hasText: image }).waitFor();
  });

  await context.test("in the audit log and where nodes are chosen", async () => {
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("button", { name: /command-run/ }).click();
    await page.getByRole("definition").getByText(script).waitFor();
    await page.getByRole("link", { name: "Commands" }).click();
    await page.getByRole("button", { name: "Run a command" }).click();
    await page.getByRole("option", { name: image }).waitFor();
  });

  await context.test("nothing of it became part of a page", async () => {
    assert.equal(await page.locator("img, script:not([src]), svg[onload]").count(), 0);
  });
});
