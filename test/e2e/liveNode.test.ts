import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

test("this machine is alive in its own console", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  const history = page.getByRole("region", { name: "History" });
  const row = page.getByRole("row").filter({ hasText: hostname() });

  await context.test("its row has numbers that move", async () => {
    await row.getByText("Online").waitFor();
    await row.getByText("this machine").waitFor();
    const numbers = (): Promise<string> => row.innerText();
    const first = await eventually(async () => {
      const text = await numbers();
      return /\d+%/.test(text) && text;
    });
    await eventually(async () => (await numbers()) !== first, { within: 15_000, what: "a change of the numbers" });
  });

  await context.test("its charts are drawn", async () => {
    await row.getByRole("link", { name: hostname() }).click();
    await page.getByRole("heading", { name: hostname() }).waitFor();
    await page.locator("canvas").nth(4).waitFor();
    assert.equal(await page.locator("canvas").count(), 5, "processor, memory, load, disk and network");
  });

  await context.test("a command runs, and its output is there", async () => {
    await page.getByRole("link", { name: "Commands" }).last().click();
    await page.getByRole("textbox", { name: "Command" }).fill("echo to the $((20 + 22)); echo oops >&2; exit 3");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("to the 42", { exact: true }).waitFor();
    await page.getByText("oops", { exact: true }).waitFor();
    await history.getByRole("listitem").filter({ hasText: "Failed" }).waitFor();
  });

  await context.test("output comes in while a command runs, and it can be cancelled", async () => {
    await page.getByRole("textbox", { name: "Command" }).fill("echo begun; sleep 60; echo never");
    await page.keyboard.press("Control+Enter");
    await page.getByText("begun", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await history.getByRole("listitem").filter({ hasText: "Cancelled" }).waitFor();
    assert.equal(await page.getByText("never", { exact: true }).count(), 0);
  });

  await context.test("the commands of all nodes list both, and run on chosen ones", async () => {
    await page.goto(`${program.url}/#/commands`);
    await history.getByRole("listitem").nth(1).waitFor();
    await history.getByRole("listitem").nth(2).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Run a command" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 node chosen").waitFor();
    await dialog.getByRole("textbox", { name: "Command" }).fill("echo from the list");
    await dialog.getByRole("button", { name: "Run" }).click();
    await page.getByText("from the list", { exact: true }).waitFor();
    await history.getByRole("listitem").nth(2).waitFor();
  });
});
