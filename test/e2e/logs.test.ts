import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

const picket = { version: 1, capabilities: ["logs"] };
const batches = 24;
const batchSize = 500;
/** What a screen shows and a little more, never what is loaded. */
const mostRows = 120;

interface Line {
  readonly message: string;
  readonly level?: string;
  readonly source?: string;
  readonly time?: number;
}

function send(node: PlainNode, lines: readonly Line[]): Promise<unknown> {
  const entries = lines.map((line) => ({ time: Date.now(), level: "info", source: "app", ...line }));
  return node.answerTo(node.send("log_batch", { entries, dropped: 0 }));
}

test("the lines of all nodes", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context, { args: ["--core-only"] });
  const join = async (nodeId: string): Promise<PlainNode> => {
    const node = await PlainNode.connect(context, program, { nodeId });
    await node.register({ hostname: nodeId, picket });
    return node;
  };
  const web = await join("web-1");
  const database = await join("db-1");
  const start = Date.now() - 3_600_000;
  for (let batch = 0; batch < batches; batch += 1) {
    const lines = Array.from({ length: batchSize }, (_, index) => {
      const number = batch * batchSize + index;
      return { message: `line ${number}`, time: start + number * 200 };
    });
    await send(web, lines);
  }
  const page = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  await page.getByRole("link", { name: "Logs" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  const list = page.getByRole("listbox", { name: "Lines" });
  const lines = list.getByRole("option");
  const line = (text: string): Locator => lines.filter({ hasText: text });

  await context.test("come in as they are written", async () => {
    await send(web, [{ message: "the disk is broken", level: "error", source: "kernel" }]);
    await line("the disk is broken").waitFor();
    await send(database, [{ message: "<img src=x onerror=alert(1)> \u001b[31mred" }]);
    await line("<img src=x onerror=alert(1)> red").waitFor();
  });

  await context.test("go back ten thousand lines, of which only those on the screen are drawn", async () => {
    await eventually(async () => {
      await list.evaluate((element) => element.scrollTo(0, 0));
      return Number(await lines.first().getAttribute("aria-setsize")) > 10_000;
    });
    await list.evaluate((element) => element.scrollTo(0, 100_000));
    await eventually(async () => Number(await lines.first().getAttribute("aria-posinset")) > 4_000);
    assert.ok((await lines.count()) <= mostRows);
    const seen = await firstSeen(page);
    await send(web, [{ message: "one below" }]);
    await page.getByRole("button", { name: "Jump to the newest" }).waitFor();
    await eventually(async () => (await list.locator('[aria-setsize="10000"]').count()) === 0);
    assert.equal(await firstSeen(page), seen, "what is read stays where it is");
    await page.getByRole("button", { name: "Jump to the newest" }).click();
    await line("one below").waitFor();
  });

  await context.test("wait while it is paused", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
    await send(web, [{ message: "while paused" }]);
    await page.getByRole("button", { name: "1 new line" }).waitFor();
    assert.equal(await line("while paused").count(), 0);
    await page.getByRole("button", { name: "Resume" }).click();
    await line("while paused").waitFor();
  });

  await context.test("are found by word, level, source and node", async () => {
    const search = page.getByRole("searchbox", { name: "Search the lines" });
    await search.fill('"line 4711"');
    await line("line 4711").waitFor();
    await page.getByText("1 shown").waitFor();
    await search.fill("disk -fixed");
    await line("the disk is broken").waitFor();
    await send(web, [{ message: "the disk is fixed" }, { message: "another disk" }]);
    await line("another disk").waitFor();
    assert.equal(await line("the disk is fixed").count(), 0, "what comes in is sifted as well");
    await search.fill("");
    await page.getByRole("combobox", { name: "Level" }).selectOption("error");
    await page.getByText("1 shown").waitFor();
    await page.getByRole("combobox", { name: "Level" }).selectOption("debug");
    await page.getByRole("combobox", { name: "Node" }).fill("db-1");
    await page.keyboard.press("Enter");
    await page.getByText("3 shown").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("combobox", { name: "Source" }).selectOption("kernel");
    await page.getByText("1 shown").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await search.fill("nothing has this");
    await page.getByText("Nothing fits these filters").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await line("another disk").waitFor();
  });

  await context.test("are read, chosen and copied with the keyboard alone", async () => {
    await allowClipboard(page);
    await list.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Shift+ArrowUp");
    await page.keyboard.press("Shift+ArrowUp");
    await page.getByRole("button", { name: "Copy 3 lines" }).waitFor();
    await page.keyboard.press("Control+c");
    await page.getByText("Copied 3 lines.").waitFor();
    assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim().split("\n").length, 3);
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    const detail = page.getByRole("region", { name: "The whole line" });
    await detail.getByText("another disk").waitFor();
    await detail.getByRole("button", { name: "Only this source" }).click();
    await detail.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Clear filters" }).click();
    await line("another disk").waitFor();
  });

  await context.test("are saved as they are shown", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download what is shown" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    assert.match(text, /ERROR {4}web-1 kernel: the disk is broken\n/);
  });

  await context.test("of one node are on its page", async () => {
    await page.goto(`${program.url}/#/nodes/db-1`);
    await page.getByRole("heading", { name: "Latest lines" }).waitFor();
    await page.getByRole("link", { name: "All lines" }).click();
    await page.getByText("3 shown").waitFor();
    await send(web, [{ message: "not of this node" }]);
    await send(database, [{ message: "of this node" }]);
    await line("of this node").waitFor();
    assert.equal(await line("not of this node").count(), 0);
  });
});

async function allowClipboard(page: Page): Promise<void> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
}

/** The text of the line at the top of what can be seen. */
function firstSeen(page: Page): Promise<string> {
  return page.evaluate(() => {
    const box = document.querySelector('[role="listbox"]')?.getBoundingClientRect();
    const row = document.elementFromPoint((box?.left ?? 0) + 300, (box?.top ?? 0) + 25)?.closest('[role="option"]');
    return row?.querySelector(".message")?.textContent ?? "";
  });
}
