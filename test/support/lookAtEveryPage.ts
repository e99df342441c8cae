import assert from "node:assert/strict";
import { hostname } from "node:os";
import type { TestContext } from "node:test";
import { openWindow, startBrowser } from "./browser.ts";
import { lookWithAxe as look } from "./lookWithAxe.ts";
import { PlainNode } from "./plainNode.ts";
import { startProgram } from "./startProgram.ts";

/** Every page, with what has to be there before it is looked at. The node's id takes the place of NODE. */
const pages = [
  { place: "nodes", ready: '[role="row"] a' },
  { place: "nodes/NODE", ready: "canvas" },
  { place: "nodes/NODE/terminal", ready: ".xterm-rows" },
  { place: "nodes/NODE/commands", ready: "main textarea" },
  { place: "nodes/NODE/containers", ready: "main .empty, main table" },
  { place: "nodes/NODE/logs", ready: 'main [role="option"]' },
  { place: "nodes/NODE/facts", ready: "main dl" },
  { place: "nodes/NODE/manage", ready: "main form" },
  { place: "alerts/firing", ready: "main .empty, main ul.card" },
  { place: "alerts/history", ready: "main .empty" },
  { place: "alerts/rules", ready: "main table" },
  { place: "alerts/rules/new", ready: "main form" },
  { place: "alerts/channels", ready: "main section h2" },
  { place: "commands/COMMAND", ready: "main pre" },
  { place: "logs", ready: 'main [role="option"]' },
  { place: "rooms", ready: "main form" },
  { place: "documents/files", ready: 'main .empty, main [role="grid"]' },
  { place: "documents/bin", ready: "main .empty, main table" },
  { place: "documents/people", ready: "main table" },
  { place: "documents/audit", ready: "main li" },
  { place: "documents/servers", ready: "main .empty" },
  { place: "documents/files/nowhere", ready: 'main [role="alert"]' },
  { place: "add", ready: "main form" },
  { place: "audit", ready: "main li" },
  { place: "settings/appearance", ready: '[role="radiogroup"]' },
  { place: "settings/machine", ready: "main dl" },
  { place: "settings/password", ready: "main form" },
  { place: "settings/two-factor", ready: "main .card button" },
  { place: "settings/sessions", ready: "main table" },
  { place: "settings/users", ready: "main table" },
  { place: "settings/about", ready: "main dl" },
] as const;

/**
 * Looks at every page with axe, in light and dark, and fails on what is serious.
 *
 * @param locale the language of the browser, which the console follows
 */
export async function lookAtEveryPage(context: TestContext, locale: string): Promise<void> {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  // One that was here and is not: it looks different.
  const gone = await PlainNode.join(context, program, { nodeId: "gone" });
  await gone.heartbeat({ cpu_usage: 99, memory_usage: 85, disk_usage: 12 });
  await gone.close();
  const page = await openWindow(context, browser, { locale, reducedMotion: "reduce", expected: /status of 401/ });
  await page.goto(program.consoleLink);
  await page.getByRole("link", { name: hostname() }).first().click();
  const nodeId = decodeURIComponent(page.url().split("#/nodes/")[1] ?? "");
  await page.goto(`${program.url}/#/nodes/${nodeId}/commands`);
  await page.locator("main textarea").fill("echo seen; echo wrong >&2; exit 1");
  await page.keyboard.press("Control+Enter");
  await page.getByText("wrong", { exact: true }).waitFor();
  const commandId = page.url().split("/").at(-1) ?? "";
  await page.goto(`${program.url}/#/nodes/${nodeId}/terminal`);
  await page.locator("main .button.primary").click();
  await page.locator(".xterm-rows").waitFor();

  for (const { place, ready } of pages) {
    await context.test(place, async () => {
      await page.goto(`${program.url}/#/${place.replace("NODE", nodeId).replace("COMMAND", commandId)}`);
      await page.locator(ready).first().waitFor();
      await look(page);
    });
  }

  await context.test("what opens on the pages", async () => {
    await page.goto(`${program.url}/#/add`);
    await page.locator("main form button[type=submit]").click();
    await page.locator("main pre").waitFor();
    await page.locator("main [aria-expanded]").click();
    await page.locator("main tbody tr").nth(1).waitFor();
    await look(page);
    await page.goto(`${program.url}/#/rooms`);
    await page.locator("main form").nth(1).locator("button").click();
    await page.locator("main section .button.primary").first().click();
    await page.locator("main textarea").fill("echo seen");
    await page.locator("main article").first().waitFor();
    await page.keyboard.press("Enter");
    await page.locator("main article").nth(1).waitFor();
    await look(page);
    await page.goto(`${program.url}/#/logs`);
    await page.locator('main [role="option"]').last().click();
    await page.keyboard.press("Enter");
    await page.locator("main section.card pre").waitFor();
    await look(page);
    await page.locator("main input[type=search]").fill("nothing has this");
    await page.locator("main .empty").waitFor();
    await look(page);
    await page.goto(`${program.url}/#/audit`);
    await page.locator("main li button").first().click();
    await page.locator("main li dl").waitFor();
    await look(page);
    await page.goto(`${program.url}/#/alerts/rules/new`);
    await page.locator("main form button[type=submit]").click();
    await page.locator('main [aria-invalid="true"]').waitFor();
    await page.locator("main form [role=switch]").click();
    await page.locator("main aside .button").click();
    await page.locator("main aside .result").waitFor();
    await look(page);
    await page.locator("main form input").first().fill("full");
    await page.locator('main form input[type="number"]').last().fill("0");
    await page.locator("main form button[type=submit]").click();
    await page.locator("main table").waitFor();
    const full = await PlainNode.join(context, program, { nodeId: "full" });
    await full.heartbeat({ disk_usage: 97 });
    await page.goto(`${program.url}/#/alerts/firing`);
    await page.locator("main ul.card input").first().check();
    await look(page);
    await page.goto(`${program.url}/#/nodes/full`);
    await page.locator("main section.card li").first().waitFor();
    await look(page);
    await page.goto(`${program.url}/#/nodes`);
    await page.getByRole("grid").getByRole("checkbox").nth(1).check();
    await look(page);
    await page.getByRole("radiogroup").last().locator("label").last().click();
    await page.locator("main li").first().waitFor();
    await look(page);
    await page.getByRole("radiogroup").last().locator("label").first().click();
  });

  await context.test("dialogs", async () => {
    await page.goto(`${program.url}/#/commands`);
    await page.locator("main .button.primary").click();
    await page.getByRole("listbox").waitFor();
    await look(page);
    await page.keyboard.press("Escape");
    await page.goto(`${program.url}/#/alerts/channels`);
    await page.locator("main header .button").last().click();
    await page.getByRole("dialog").locator("select").first().selectOption("email");
    await look(page);
    await page.keyboard.press("Escape");
    await page.goto(`${program.url}/#/add`);
    await page.locator("main section header .button").last().click();
    await page.getByRole("dialog").locator("input").first().fill("web-1");
    await look(page);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").locator("pre").first().waitFor();
    await look(page);
    await page.getByRole("dialog").locator("footer .button").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await look(page);
    await page.goto(`${program.url}/#/settings/users`);
    await page.locator("main header .button").last().click();
    await page.getByRole("dialog").locator("form").waitFor();
    await look(page);
    await page.keyboard.press("Escape");
  });

  await context.test("a window as narrow as a telephone", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const { place, ready } of pages) {
      await page.goto(`${program.url}/#/${place.replace("NODE", nodeId).replace("COMMAND", commandId)}`);
      await page.locator(ready).first().waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${place} is ${overflow} pixels too wide`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await context.test("the sign-in page", async () => {
    await page.context().clearCookies();
    await page.reload();
    await page.locator('input[type="password"]').waitFor();
    await look(page);
  });
}
