import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { startCore } from "../support/startCore.ts";
import { startProgram } from "../support/startProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const count = 2_000;
/** What a screen shows and a little more, never what the fleet has. */
const mostRows = 60;

test("a list of two thousand nodes", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const dataFolder = temporaryFolder(context);
  await registerNodes(context, dataFolder);
  const browser = await startBrowser(context);
  const program = await startProgram(context, { args: ["--core-only"], dataFolder });
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  const grid = page.getByRole("grid", { name: "Nodes" });
  const rows = grid.getByRole("rowgroup").getByRole("row");
  const filter = page.getByRole("searchbox", { name: "Filter the nodes" });

  await context.test("says how many there are and draws only what can be seen", async () => {
    await page.getByText("2,000 nodes").waitFor();
    assert.equal(await grid.getAttribute("aria-rowcount"), String(count + 1));
    const drawn = await rows.count();
    assert.ok(drawn > 10 && drawn <= mostRows, `${drawn} rows are on the page`);
  });

  await context.test("scrolls to the end", async () => {
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await rows.filter({ hasText: "web-1999" }).waitFor();
    assert.ok((await rows.count()) <= mostRows);
  });

  await context.test("filters by every word, by group and by status", async () => {
    await filter.fill("web-1234");
    await page.getByText("1 of 2,000 nodes").waitFor();
    await rows.filter({ hasText: "web-1234" }).waitFor();
    await rows.nth(1).waitFor({ state: "detached" });
    await filter.fill("debian rack-8");
    await page.getByText("100 of 2,000 nodes").waitFor();
    await page.getByRole("combobox", { name: "Group" }).selectOption("rack-7");
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText("2,000 nodes").waitFor();
    await page.getByRole("radio", { name: /^Online/ }).check({ force: true });
    await page.getByText("Nothing fits these filters").waitFor();
  });

  await context.test("one more is there at once, with its numbers", async () => {
    const node = await PlainNode.join(context, program, { nodeId: "one-more" });
    await node.heartbeat({ cpu_usage: 37.4, memory_usage: 51, disk_usage: 12 });
    await rows.filter({ hasText: "37%" }).waitFor();
    // It is the only one that is online.
    await rows.nth(1).waitFor({ state: "detached" });
    await node.close();
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
  });

  await context.test("the cards are as few as the rows", async () => {
    await page.getByRole("radio", { name: "Grid" }).check({ force: true });
    const cards = page.getByRole("list", { name: "Nodes" }).getByRole("listitem");
    await cards.first().waitFor();
    const drawn = await cards.count();
    assert.ok(drawn > 4 && drawn <= 2 * mostRows, `${drawn} cards are on the page`);
    await page.getByRole("radio", { name: "Table" }).check({ force: true });
  });

  await context.test("arrow keys and End go through all of them", async () => {
    await rows.first().focus();
    await page.keyboard.press("End");
    await eventually(async () => (await page.locator(":focus").innerText()).includes("web-1999"));
    await page.keyboard.press("ArrowUp");
    await eventually(async () => (await page.locator(":focus").innerText()).includes("web-1998"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "web-1998" }).waitFor();
  });
});

/** The nodes as a core has them that was used for long, but never connected here. */
async function registerNodes(context: Parameters<typeof startCore>[0], dataFolder: string): Promise<void> {
  const core = await startCore(context, { dataFolder });
  await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const number = String(index).padStart(4, "0");
      return core.core.nodes.register({
        nodeId: `node-${number}`,
        hostname: `web-${number}`,
        ipAddress: `10.0.${index >> 8}.${index & 255}`,
        osInfo: index % 2 === 0 ? "Debian GNU/Linux 12" : "Ubuntu 24.04",
        capabilities: [],
        publicKey: undefined,
        group: `rack-${index % 20}`,
      });
    }),
  );
  await core.close();
}
