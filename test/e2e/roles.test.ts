import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const password = "a password for the tests";

test("what a user may not do is not offered", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const passwordFile = join(program.dataFolder, "password");
  writeFileSync(passwordFile, password);
  const people = [
    { name: "vera", role: "viewer", groups: [] },
    { name: "otto", role: "operator", groups: ["--groups", "lab"] },
  ] as const;
  for (const { name, role, groups } of people) {
    await program.run("user", "create", name, "--role", role, ...groups, "--password-file", passwordFile);
  }
  await PlainNode.join(context, program, { nodeId: "lab-1", group: "lab" });
  const signIn = async (name: string): Promise<Page> => {
    const page = await openWindow(context, browser, { expected: /status of 401/ });
    await page.goto(program.url);
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("grid", { name: "Nodes" }).waitFor();
    return page;
  };

  await context.test("a viewer looks, and has neither terminals nor commands", async () => {
    const page = await signIn("vera");
    const navigation = page.getByRole("navigation", { name: "Main" });
    assert.deepEqual(await navigation.getByRole("link").allInnerTexts(), [
      "Nodes",
      "Logs",
      "Alerts",
      "Commands",
      "Documents",
      "Rooms",
      "Settings",
    ]);
    assert.equal(await page.getByRole("checkbox").count(), 0, "nothing can be selected");
    await page.getByRole("link", { name: hostname() }).first().click();
    await page.locator("canvas").first().waitFor();
    assert.equal(await page.getByRole("link", { name: "Manage" }).count(), 0);
    await page.getByRole("link", { name: "Terminal" }).click();
    await page.getByText("Your role lets you look. Operators can open terminals.").waitFor();
    assert.equal(await page.getByRole("button", { name: "New terminal" }).count(), 0);
    await page.getByRole("navigation", { name: "Parts of this node" }).getByRole("link", { name: "Commands" }).click();
    await page.getByText("Your role lets you see commands").waitFor();
    assert.equal(await page.getByRole("button", { name: "Run", exact: true }).count(), 0);
    await navigation.getByRole("link", { name: "Commands" }).click();
    await page.getByRole("heading", { name: "Commands", level: 1 }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Run a command" }).count(), 0);
    await navigation.getByRole("link", { name: "Alerts" }).click();
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByRole("switch", { name: "Node offline is switched on", disabled: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Make a rule" }).count(), 0);
    assert.equal(await page.getByRole("link", { name: "Channels" }).count(), 0);
    await page.getByRole("link", { name: "Node offline" }).click();
    await page.getByText("Raise a critical alert when any node is offline for 2 minutes.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Save" }).count(), 0);
    for (const place of ["add", "audit", "settings/users", "alerts/channels", "alerts/rules/new"]) {
      await page.goto(`${program.url}/#/${place}`);
      await page.getByText("You may not do this.").waitFor();
    }
  });

  await context.test("an operator of one group sees and reaches only that", async () => {
    const page = await signIn("otto");
    await page.getByText("1 node", { exact: true }).waitFor();
    assert.equal(await page.getByText(hostname(), { exact: true }).count(), 0);
    await page.getByRole("checkbox").first().waitFor();
    await page.goto(`${program.url}/#/settings/machine`);
    await page.getByText("No agent here").waitFor();
  });

  await context.test("a role that is taken away holds at once", async () => {
    const page = await openWindow(context, browser);
    await page.goto(program.consoleLink);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("button", { name: "Change otto" }).click();
    await page.getByRole("dialog").getByLabel("Role").selectOption("viewer");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByText("otto was changed.").waitFor();
    await page.getByRole("row").filter({ hasText: "otto" }).getByText("Viewer").waitFor();
    await page.getByRole("button", { name: "Remove vera" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("vera was removed.").waitFor();
    await page.getByRole("row").filter({ hasText: "vera" }).waitFor({ state: "detached" });
  });
});
