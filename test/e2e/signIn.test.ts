import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

test("signing in by the printed link, once, and by password", {
  skip: noBrowser,
  timeout: 150_000,
}, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { expected: /status of 401/ });

  await context.test("the link signs in and is gone from the address", async () => {
    await page.goto(program.consoleLink);
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    assert.doesNotMatch(page.url(), /ticket/);
    assert.equal(await page.title(), "Nodes · Picket");
  });

  await context.test("a reload stays signed in", async () => {
    await page.reload();
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("another window is let in by neither the used link nor a wrong password", async () => {
    const other = await openWindow(context, browser, { expected: /status of 401/ });
    await other.goto(program.consoleLink);
    await other.getByText("This sign-in link was used before").waitFor();
    await other.getByLabel("User name").fill("admin");
    await other.getByLabel("Password").fill("not the password");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("alert").getByText("User name or password is wrong.").waitFor();
    await other.getByLabel("Password").fill(adminPassword(program.dataFolder));
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("signing out ends the session also for a reload", async () => {
    await page.getByRole("button", { name: "Account of admin" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  await context.test("where somebody wanted to go is where signing in leads", async () => {
    await page.goto(`${program.url}/#/settings/sessions`);
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password").fill(adminPassword(program.dataFolder));
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "this one" }).waitFor();
    const rows = page.getByRole("row").filter({ hasText: "Chrome" });
    // Both windows are listed.
    await rows.nth(1).waitFor();
    await page.getByRole("button", { name: /^End/ }).click();
    await page.getByText("The session has ended.").waitFor();
    await rows.nth(1).waitFor({ state: "detached" });
  });
});

function adminPassword(dataFolder: string): string {
  return readFileSync(join(dataFolder, "admin-password"), "utf8").trim();
}
