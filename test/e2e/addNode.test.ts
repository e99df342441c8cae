import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProcess, startProgram } from "../support/startProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

test("a second machine joins by the line that the console shows", {
  skip: noBrowser,
  timeout: 150_000,
}, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(program.consoleLink);
  let line = "";

  await context.test("the page makes a line for one machine", async () => {
    await page.getByRole("link", { name: "Add a node" }).first().click();
    await page.getByLabel("Name").fill("the second one");
    await page.getByLabel("Group").fill("lab");
    await page.getByRole("button", { name: "Make the line" }).click();
    await page.getByText("Waiting for the machine to arrive…").waitFor();
    await page.getByRole("button", { name: "Copy the line" }).click();
    line = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(line, await page.getByRole("region", { name: "The line to run" }).innerText());
    assert.match(line, /^npm run -s picket -- --agent-only --server http:\S+ --token \S+$/);
    await page.getByRole("radio", { name: "Windows" }).check({ force: true });
    await page
      .getByRole("region", { name: "The line to run" })
      .filter({ hasText: /^\s*npm\.cmd / })
      .waitFor();
  });

  await context.test("an agent that is started with it arrives while somebody looks", async () => {
    const folder = temporaryFolder(context);
    // A node of its own; the facts take a process that the test has no use for.
    writeFileSync(join(folder, "policy.yaml"), "version: 1\ncapabilities: [commands]\n");
    const [, args = ""] = line.split(" picket -- ");
    startProcess(context, [...args.split(" "), "--data", folder, "--node-id", "second"]);
    await page.getByText(/has arrived\.$/).waitFor();
    await page.getByText("Waiting for the machine").waitFor({ state: "detached" });
    await page.getByText("No token is open").waitFor();
    await page.getByRole("link", { name: /^Open / }).click();
    await page.getByRole("main").getByText("Online", { exact: true }).waitFor();
    assert.match(page.url(), /#\/nodes\/second$/);
    await page.getByRole("main").getByText("lab", { exact: true }).waitFor();
  });

  await context.test("what its owner does not allow is not offered", async () => {
    await page.getByRole("link", { name: "Terminal" }).click();
    await page.getByText("This node does not offer terminals").waitFor();
    assert.equal(await page.getByRole("button", { name: "New terminal" }).count(), 0);
  });

  await context.test("a command runs on both at once", async () => {
    await page.getByRole("link", { name: "Nodes", exact: true }).click();
    await page.getByRole("checkbox", { name: "Select all nodes that are shown" }).check();
    await page.getByRole("button", { name: "Run a command" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Command" }).fill("echo both");
    await page.getByRole("dialog").getByRole("button", { name: "Run" }).click();
    await page.getByText("Sent to 2 nodes.").waitFor();
    await page.getByRole("listitem").filter({ hasText: "Succeeded" }).nth(1).waitFor();
  });

  await context.test("a token that was revoked lets nobody in any more", async () => {
    await page.goto(`${program.url}/#/add`);
    await page.getByLabel("Name").fill("never used");
    await page.getByRole("button", { name: "Make the line" }).click();
    await page.getByRole("button", { name: "Revoke the token never used" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The token is revoked.").waitFor();
    await page.getByText("No token is open").waitFor();
    await page.getByRole("button", { name: /^Show \d+ old/ }).click();
    await page.getByRole("row").filter({ hasText: "never used" }).getByText("Revoked").waitFor();
  });
});
