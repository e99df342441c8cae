import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { lookWithAxe } from "../support/lookWithAxe.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const text = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from("seen") });

for (const locale of ["en-GB", "zh-CN"]) {
  test(`axe finds nothing serious in what opens on the documents: ${locale}`, {
    skip: noBrowser,
    timeout: 150_000,
  }, async (context) => {
    const browser = await startBrowser(context);
    const program = await startProgram(context, { args: ["--core-only"] });
    const page = await openWindow(context, browser, { locale, reducedMotion: "reduce" });
    await page.goto(program.consoleLink);
    await page.goto(`${program.url}/#/documents`);
    const files = page.locator('main input[type="file"][multiple]');
    const rows = page.locator('main [role="grid"] [data-id]');
    const dialog = page.getByRole("dialog");

    await context.test("the list with its details and the transfers", async () => {
      await files.setInputFiles([text("one.txt"), text("two.bin")]);
      await rows.nth(1).click();
      await page.keyboard.press("Alt+Enter");
      await page.locator("main aside li").first().waitFor();
      await page.locator("section.dock .line").click();
      await page.locator("section.dock li.done").nth(1).waitFor();
      await lookWithAxe(page);
      await page.locator("section.dock .line").click();
      await page.locator("main aside header button").click();
    });

    await context.test("the menu of a row", async () => {
      await rows.first().click({ button: "right" });
      await page.getByRole("menuitem").first().waitFor();
      await lookWithAxe(page);
      await page.keyboard.press("Escape");
    });

    await context.test("several chosen, and a search", async () => {
      await rows.first().focus();
      await page.keyboard.press("Control+a");
      await page.locator("main .bar").waitFor();
      await lookWithAxe(page);
      await page.locator('main input[type="search"]').fill("one");
      await page.keyboard.press("Enter");
      await page.locator("main nav p").waitFor();
      await lookWithAxe(page);
      await page.locator('main input[type="search"]').fill("");
      await rows.nth(1).waitFor();
    });

    await context.test("the dialogs", async () => {
      for (const key of ["Enter", "F2", "Delete"]) {
        await rows.first().click();
        await page.keyboard.press(key);
        await dialog.waitFor();
        if (key === "Enter") await dialog.locator("pre").waitFor();
        await lookWithAxe(page);
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
      }
      await rows.first().click({ button: "right" });
      await page.getByRole("menuitem").nth(3).click();
      await dialog.getByRole("treeitem").first().waitFor();
      await lookWithAxe(page);
      await page.keyboard.press("Escape");
      await files.setInputFiles([text("one.txt")]);
      await dialog.waitFor();
      await lookWithAxe(page);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });

    await context.test("the bin with something in it", async () => {
      await rows.first().click();
      await page.keyboard.press("Delete");
      await dialog.locator("footer .danger").click();
      await dialog.waitFor({ state: "detached" });
      await page.goto(`${program.url}/#/documents/bin`);
      await page.locator("main tbody tr").waitFor();
      await lookWithAxe(page);
      await page.locator("main tbody button").first().click();
      await page.getByRole("menuitem").first().click();
      await dialog.locator("input").nth(1).check();
      await dialog.getByRole("treeitem").first().waitFor();
      await lookWithAxe(page);
      await page.keyboard.press("Escape");
    });

    await context.test("all of it in a window as narrow as a telephone", async () => {
      await page.setViewportSize({ width: 400, height: 800 });
      for (const place of ["files", "bin"]) {
        await page.goto(`${program.url}/#/documents/${place}`);
        await page.locator(place === "files" ? 'main [role="grid"]' : "main table").waitFor();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${place} is ${overflow} pixels too wide`);
        await lookWithAxe(page);
      }
      await page.goto(`${program.url}/#/documents/files`);
      await rows.first().click();
      await page.keyboard.press("Alt+Enter");
      await page.locator("main aside li").first().waitFor();
      assert.ok(await page.locator("main aside").isVisible());
      assert.ok(!(await page.locator('main [role="grid"]').isVisible()));
    });
  });
}
