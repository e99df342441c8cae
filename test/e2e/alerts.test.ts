import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { openHttpSink } from "../support/httpSink.ts";
import { PlainNode } from "../support/plainNode.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const second = 1_000;

test("alerts from a rule to its end", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const sink = await openHttpSink(context);
  const refusing = await openHttpSink(context, () => ({ status: 403, body: "this door is shut" }));
  const program = await startProgram(context);
  const node = await PlainNode.join(context, program, { nodeId: "web-1" });
  const at = (offset: number): string => new Date(Date.now() + offset).toISOString();
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  const navigation = page.getByRole("navigation", { name: "Main" });
  await navigation.getByRole("link", { name: "Alerts" }).click();

  await context.test("with nothing wrong it says so, and where the rules are", async () => {
    await page.getByText("All is well").waitFor();
    await page.getByRole("link", { name: "See the rules" }).click();
    await page.getByText("A rule reads as a sentence.").waitFor();
    await page.getByText(/disk usage of any node is above 90% for 5 minutes/).waitFor();
  });

  await context.test("a webhook is made, and tested", async () => {
    await page.getByRole("link", { name: "Channels" }).click();
    await page.getByRole("button", { name: "Add a channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("hook");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByText("Write an address that begins with http").waitFor();
    await dialog.getByLabel("Address").fill(sink.url);
    await dialog.getByLabel("Signing secret").fill("between us");
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByText("hook is saved.").waitFor();
    await page.getByRole("button", { name: "Send a test by hook" }).click();
    await page.getByText("The test by hook was delivered.").waitFor();
    assert.equal(sink.received[0]?.path, "/hook?token=pkt-secret");
  });

  await context.test("what is secret is not shown again, and is not lost by a change", async () => {
    await page.getByRole("button", { name: "Change hook" }).click();
    const dialog = page.getByRole("dialog");
    assert.equal(await dialog.getByLabel("Address").inputValue(), "");
    assert.equal(await dialog.getByLabel("Signing secret").inputValue(), "");
    await dialog.getByLabel("Name", { exact: true }).fill("on call");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("on call is saved.").waitFor();
    await page.getByRole("button", { name: "Send a test by on call" }).click();
    await page.getByText("The test by on call was delivered.").waitFor();
    assert.equal(sink.received.length, 2);
  });

  await context.test("a server that refuses is quoted", async () => {
    await page.getByRole("button", { name: "Add a channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("shut");
    await dialog.getByLabel("Address").fill(refusing.url);
    await dialog.getByRole("button", { name: "Add" }).click();
    await page.getByRole("button", { name: "Send a test by shut" }).click();
    await page.getByText("The test by shut failed.").waitFor();
    await page.getByText("this door is shut").first().waitFor();
    await page.getByRole("button", { name: "Remove shut" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("shut was removed.").waitFor();
  });

  await context.test("a rule is written, read as a sentence, and tried on the past", async () => {
    await node.heartbeat({ cpu_usage: 97 }, at(-100 * second));
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByRole("link", { name: "Make a rule" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Give it a name.").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Busy");
    await page.getByRole("radio", { name: "Critical" }).check({ force: true });
    await page.getByLabel("Number", { exact: true }).selectOption({ label: "CPU usage" });
    await page.getByLabel("Limit", { exact: true }).fill("95");
    await page.getByLabel("For at least", { exact: true }).fill("0");
    await page.getByRole("radio", { name: "Chosen nodes" }).check({ force: true });
    await page
      .getByRole("option", { name: /web-1|host/ })
      .filter({ hasText: "192.0.2.1" })
      .click();
    await page.getByText("fits 1 node now").waitFor();
    await page.getByRole("checkbox", { name: "on call" }).check({ force: true });
    await page.getByText("Raise a critical alert when CPU usage of host is above 95%.").waitFor();
    await page.getByRole("button", { name: "Try it on the last 30 days" }).click();
    await page.getByText("It would have fired 1 time in 30 days, on 1 node.").waitFor();
    await page.getByLabel("Limit", { exact: true }).fill("98");
    await page.getByText("The rule was changed since.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("It would not have fired in 30 days, on any of 1 node.").waitFor();
    await page.getByLabel("Limit", { exact: true }).fill("95");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Busy is saved.").waitFor();
  });

  const row = page.getByRole("list", { name: "Firing alerts" }).getByRole("listitem").filter({ hasText: "Busy" });

  await context.test(
    "it fires: in the list, in the sidebar, in the title, on the node and by the webhook",
    async () => {
      await page.getByRole("link", { name: "Firing", exact: true }).click();
      await page.getByText("All is well").waitFor();
      await node.heartbeat({ cpu_usage: 99 }, at(-90 * second));
      await row.getByText("99%, limit 95%").waitFor();
      await row.getByText("Critical").waitFor();
      await navigation.getByLabel("1 alert firing").waitFor();
      await page.waitForFunction(() => document.title.startsWith("(1) Alerts"));
      const { headers } = await eventually(() => sink.received.find(({ body }) => body.includes("Busy")));
      assert.match(JSON.stringify(headers), /signature/i, "it is signed");
      await row.getByRole("link", { name: "host" }).click();
      await page.getByRole("region", { name: "Open alerts" }).getByText("Busy").waitFor();
      await navigation.getByRole("link", { name: "Nodes" }).click();
      await page.getByRole("row").filter({ hasText: "192.0.2.1" }).getByTitle("Critical: 1 open alert").waitFor();
    },
  );

  await context.test("it is silenced, and the silence is ended", async () => {
    await navigation.getByRole("link", { name: "Alerts" }).click();
    await row.getByRole("button", { name: "Silence Busy" }).click();
    await page.getByRole("menuitem", { name: "Tell nobody for 8 hours" }).click();
    await page.getByText("Nobody is told for 8 hours.").waitFor();
    const end = page.getByRole("button", { name: "End the silence: Busy on host" });
    await end.click();
    await end.waitFor({ state: "detached" });
  });

  await context.test("it is acknowledged", async () => {
    await navigation.getByRole("link", { name: "Alerts" }).click();
    await row.getByRole("checkbox").check();
    await page.getByText("1 alert selected").waitFor();
    await page.getByRole("button", { name: "Acknowledge", exact: true }).first().click();
    await page.getByText("1 alert acknowledged.").waitFor();
    await row.getByText("Acknowledged by admin").waitFor();
    await navigation.getByLabel("1 alert firing").waitFor({ state: "detached" });
  });

  await context.test("it ends by itself, and the history has it", async () => {
    for (let offset = -80; offset <= 0; offset += 10) await node.heartbeat({ cpu_usage: 5 }, at(offset * second));
    await page.getByText("All is well").waitFor();
    await page.getByRole("link", { name: "History" }).click();
    const past = page.getByRole("list", { name: "Resolved alerts" }).getByRole("listitem").filter({ hasText: "Busy" });
    await past.getByText("by admin").waitFor();
    await page.getByRole("search").getByLabel("Severity").selectOption("info");
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await past.waitFor();
    await page.getByRole("search").getByLabel("Node").fill("nobody knows it");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await past.waitFor();
  });

  await context.test("three nodes with one cause are one line, and are acknowledged together", async () => {
    await page.goto(`${program.url}/#/alerts/rules/new`);
    await page.getByLabel("Name", { exact: true }).fill("Crowded");
    await page.getByLabel("Number", { exact: true }).selectOption({ label: "Memory usage" });
    await page.getByLabel("For at least", { exact: true }).fill("0");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Crowded is saved.").waitFor();
    for (const nodeId of ["db-1", "db-2", "db-3"]) {
      const one = await PlainNode.connect(context, program, { nodeId });
      await one.register({ hostname: nodeId });
      await one.heartbeat({ memory_usage: 99 });
    }
    await page.getByRole("link", { name: "Firing", exact: true }).click();
    const crowd = page.getByRole("list", { name: "Firing alerts" }).locator("> li").filter({ hasText: "Crowded" });
    await crowd.getByRole("button", { name: "3 nodes" }).click();
    await crowd.getByRole("link", { name: "db-2" }).waitFor();
    assert.equal(await crowd.count(), 1);
    await crowd.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("3 alerts acknowledged.").waitFor();
    await page.getByText("3 open alerts, 3 acknowledged").waitFor();
  });

  await context.test("the channel tells what it sent", async () => {
    await page.getByRole("link", { name: "Channels" }).click();
    await page.getByRole("row").filter({ hasText: "Busy" }).filter({ hasText: "Delivered" }).first().waitFor();
  });

  await context.test("a rule is switched off, and removed", async () => {
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByRole("switch", { name: "Busy is switched on" }).click();
    await page.getByText("Busy is switched off.").waitFor();
    await page.getByRole("switch", { name: "Busy is switched on", checked: false }).waitFor();
    await page.getByRole("button", { name: "Remove Busy" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Busy was removed.").waitFor();
    await page.getByRole("row").filter({ hasText: "Busy" }).waitFor({ state: "detached" });
  });
});
