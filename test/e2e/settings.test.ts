import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

test("settings and the audit log", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { expected: /status of 401/ });
  await page.goto(program.consoleLink);
  await page.getByRole("heading", { name: "Nodes" }).waitFor();

  await context.test("theme and language are kept over a reload", async () => {
    await page.goto(`${program.url}/#/settings/appearance`);
    await page.getByRole("radio", { name: "Dark" }).check({ force: true });
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body.parentElement ?? document.body).backgroundColor);
    assert.equal(await background(), "rgb(13, 16, 21)");
    await page.getByRole("radio", { name: "简体中文" }).check({ force: true });
    await page.getByRole("heading", { name: "设置" }).waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
    await page.reload();
    await page.getByRole("heading", { name: "设置" }).waitFor();
    assert.equal(await background(), "rgb(13, 16, 21)");
    await page.getByRole("radio", { name: "English" }).check({ force: true });
    await page.getByRole("heading", { name: "Settings" }).waitFor();
  });

  await context.test("this machine says what its owner allows", async () => {
    await page.getByRole("link", { name: "This machine" }).click();
    await page.getByRole("heading", { name: hostname() }).waitFor();
    await page.getByText("none: everything is allowed").waitFor();
    await page.getByRole("link", { name: "Open the node" }).waitFor();
  });

  await context.test("a password changes only with the old one", async () => {
    const current = readFileSync(join(program.dataFolder, "admin-password"), "utf8").trim();
    await page.getByRole("link", { name: "Password" }).click();
    const fill = async (old: string, next: string, again: string): Promise<void> => {
      await page.getByLabel("Current password").fill(old);
      await page.getByLabel("New password", { exact: true }).fill(next);
      await page.getByLabel("New password again").fill(again);
      await page.getByRole("button", { name: "Change the password" }).click();
    };
    await fill(current, "another password", "yet another one");
    await page.getByText("The two are not the same.").waitFor();
    await fill("not the old one", "another password", "another password");
    await page.getByText("The current password is wrong.").waitFor();
    await fill(current, "another password", "another password");
    await page.getByText("The password is changed.").waitFor();
    const other = await openWindow(context, browser, { expected: /status of 401/ });
    await other.goto(program.url);
    await other.getByLabel("User name").fill("admin");
    await other.getByLabel("Password").fill("another password");
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("the audit log tells all of it, can be narrowed, and its chain is whole", async () => {
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByText(/^The chain is whole: \d+ records, none changed or taken out\.$/).waitFor();
    const records = page.getByRole("list", { name: "Audit records" }).getByRole("listitem");
    await records.filter({ hasText: "password-change" }).first().waitFor();
    await page.getByLabel("What", { exact: true }).selectOption("password-change");
    await records.filter({ hasText: "session-create" }).first().waitFor({ state: "detached" });
    assert.deepEqual(
      (await records.allInnerTexts()).map((text) => /Done|Refused|Failed/.exec(text)?.[0]),
      ["Done", "Failed"],
      "newest first",
    );
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByLabel("On what").fill(hostname());
    await page.keyboard.press("Enter");
    await records.filter({ hasText: "password-change" }).first().waitFor({ state: "detached" });
    await records.filter({ hasText: "node-enrol" }).waitFor();
    await page.getByLabel("To", { exact: true }).fill("2020-01-01T00:00");
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
  });

  await context.test("it is exported as a table", async () => {
    await page.getByRole("button", { name: "Export" }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /CSV/ }).click();
    const download = await saving;
    assert.match(download.suggestedFilename(), /^picket-audit-\d{4}-\d\d-\d\d\.csv$/);
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    assert.match(lines[1] ?? "", /^\d+,[\d-]+T[\d:.]+Z,admin,session-create,admin,done,/);
    assert.match(lines.at(-1) ?? "", /^1,/, "down to the first record");
  });
});
