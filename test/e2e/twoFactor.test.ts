import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { lookWithAxe } from "../support/lookWithAxe.ts";
import { startProgram } from "../support/startProgram.ts";
import { totpCode } from "../support/totpCode.ts";

failOnLeaks();

const step = 30_000;
const expected = /status of (400|401|403|409)/;

test("a second factor in the settings and at the sign-in, and a password that must be changed", {
  skip: noBrowser,
  timeout: 240_000,
}, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { expected });
  await page.goto(program.consoleLink);
  await page.getByRole("heading", { name: "Nodes" }).waitFor();
  const password = readFileSync(join(program.dataFolder, "admin-password"), "utf8").trim();
  let secret = "";
  let backupCodes: string[] = [];
  /** The step of the last code that was taken: the next one must be of a later one. */
  let used = 0;

  async function nextCode(): Promise<string> {
    const at = (used + 1) * step;
    // One step ahead counts as well, so that there is a new code before the half minute is over.
    await page.waitForFunction((time) => Date.now() >= time, at - step, { timeout: 2 * step });
    used = Math.max(used + 1, Math.floor(Date.now() / step));
    return totpCode(secret, used * step);
  }

  const fillSignIn = async (other: Page, username: string, given: string): Promise<void> => {
    await other.locator('input[name="username"]').fill(username);
    await other.locator('input[name="password"]').fill(given);
    await other.keyboard.press("Enter");
  };

  await context.test("it is set up with a QR code, a secret to type and backup codes", async () => {
    await page.goto(`${program.url}/#/settings/two-factor`);
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByRole("img", { name: /^QR code/ }).waitFor();
    secret = await page.getByRole("region", { name: "Or type this secret into the app" }).innerText();
    assert.match(secret, /^[A-Z2-7]{32}$/);
    backupCodes = await page.getByRole("list", { name: "Backup codes" }).getByRole("listitem").allInnerTexts();
    assert.equal(backupCodes.length, 10);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as a file" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "picket-backup-codes.txt");
    assert.equal(readFileSync(await download.path(), "utf8"), `${backupCodes.join("\n")}\n`);
    await page.getByLabel("Code of the app").fill("000000");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The code is wrong.").waitFor();
    await lookWithAxe(page);
    await page.getByLabel("Code of the app").fill(await nextCode());
    await page.getByRole("button", { name: "Turn it on" }).click();
    await page.getByText("It is on: signing in asks for a code.").waitFor();
    await page.getByText("10 backup codes are left.").waitFor();
    await lookWithAxe(page);
  });

  await context.test("what was shown once is shown no more", async () => {
    await page.reload();
    await page.getByText("It is on").waitFor();
    assert.equal(await page.getByText(secret).count(), 0, "the secret is shown once");
    assert.equal(await page.getByText(backupCodes[0] ?? "").count(), 0, "and so are the codes");
  });

  await context.test("the sign-in asks for the code, by keyboard alone", async () => {
    const other = await openWindow(context, browser, { expected });
    await other.goto(program.url);
    await fillSignIn(other, "admin", password);
    await other.getByText("admin signs in with a second factor.").waitFor();
    assert.equal(await other.evaluate(() => document.activeElement?.getAttribute("name")), "code");
    await lookWithAxe(other);
    await other.keyboard.type("123456");
    await other.keyboard.press("Enter");
    await other.getByRole("alert").getByText("The code is wrong, or it was used before.").waitFor();
    await lookWithAxe(other);
    assert.equal(await other.evaluate(() => document.activeElement?.getAttribute("name")), "code");
    await other.keyboard.type(await nextCode());
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("a backup code lets in once, in Chinese as well", async () => {
    for (const lets of [true, false]) {
      const other = await openWindow(context, browser, { expected, locale: "zh-CN" });
      await other.goto(program.url);
      await fillSignIn(other, "admin", password);
      await other.getByText("admin 已启用两步验证。").waitFor();
      await other.getByLabel("验证码").fill(backupCodes[0] ?? "");
      await other.keyboard.press("Enter");
      if (lets) {
        await other.getByRole("heading", { name: "节点" }).waitFor();
        continue;
      }
      await other.getByRole("alert").getByText("验证码错误或已被使用。").waitFor();
      await lookWithAxe(other);
      await other.getByRole("button", { name: "返回" }).click();
      await other.locator('input[name="username"]').waitFor();
    }
    await page.reload();
    await page.getByText("9 backup codes are left.").waitFor();
  });

  await context.test("whoever must change the password sets a new one and is in", async () => {
    await page.goto(`${program.url}/#/settings/users`);
    await page.getByRole("button", { name: "Add a user" }).click();
    await page.getByRole("dialog").getByLabel("User name").fill("kim");
    await page.getByRole("dialog").getByLabel("Password", { exact: true }).fill("first password");
    await page.getByLabel("Ask for a new password at the next sign-in").check();
    await page.keyboard.press("Enter");
    await page.getByText("kim was added.").waitFor();
    const other = await openWindow(context, browser, { expected });
    await other.goto(program.url);
    await fillSignIn(other, "kim", "first password");
    await other.getByText("An administrator asks you for a new password before you go on.").waitFor();
    await lookWithAxe(other);
    const set = async (next: string, again: string): Promise<void> => {
      await other.getByLabel("New password", { exact: true }).fill(next);
      await other.getByLabel("New password again").fill(again);
      await other.getByRole("button", { name: "Set it and sign in" }).click();
    };
    await set("second password", "another one");
    await other.getByRole("alert").getByText("The two are not the same.").waitFor();
    await set("first password", "first password");
    await other.getByRole("alert").getByText("This is the password that you want to replace.").waitFor();
    await set("short", "short");
    await other.getByText("it must have 10 to 256 characters").waitFor();
    await lookWithAxe(other);
    await set("second password", "second password");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("with both, the code is asked for beside the new password", async () => {
    const kim = await openWindow(context, browser, { expected });
    await kim.goto(program.url);
    await fillSignIn(kim, "kim", "second password");
    await kim.getByRole("heading", { name: "Nodes" }).waitFor();
    await kim.goto(`${program.url}/#/settings/two-factor`);
    await kim.getByRole("button", { name: "Set it up" }).click();
    secret = await kim.getByRole("region", { name: "Or type this secret into the app" }).innerText();
    used = 0;
    await kim.getByLabel("Code of the app").fill(await nextCode());
    await kim.keyboard.press("Enter");
    await kim.getByText("It is on: signing in asks for a code.").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Change kim" }).click();
    await page.getByLabel("Ask for a new password at the next sign-in").check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("kim was changed.").waitFor();
    const other = await openWindow(context, browser, { expected });
    await other.goto(program.url);
    await fillSignIn(other, "kim", "second password");
    await other.getByLabel("New password", { exact: true }).fill("a third password");
    await other.getByLabel("New password again").fill("a third password");
    await other.keyboard.press("Enter");
    await other.getByLabel("Code", { exact: true }).fill(await nextCode());
    await lookWithAxe(other);
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("an administrator takes it away from somebody who lost it", async () => {
    const row = page.getByRole("row").filter({ hasText: "kim" });
    await row.getByText("on", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Change kim" }).click();
    await lookWithAxe(page);
    await page.getByLabel("Take the second factor away").check();
    await page.getByRole("button", { name: "Save" }).click();
    await row.getByText("off", { exact: true }).waitFor();
    const other = await openWindow(context, browser, { expected });
    await other.goto(program.url);
    await fillSignIn(other, "kim", "a third password");
    await other.getByRole("heading", { name: "Nodes" }).waitFor();
  });

  await context.test("turning it off takes the password", async () => {
    await page.goto(`${program.url}/#/settings/two-factor`);
    await page.getByRole("button", { name: "Turn it off" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Your password").fill("not the password");
    await page.keyboard.press("Enter");
    await dialog.getByText("The password is wrong.").waitFor();
    await lookWithAxe(page);
    await dialog.getByLabel("Your password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("It is off.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Set it up" }).count(), 1);
  });
});
