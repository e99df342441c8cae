import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startProgram } from "../support/startProgram.ts";
import { startTcpProxy } from "../support/tcpProxy.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const row = (page: Page, name: string): Locator =>
  page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
const filesInput = (page: Page): Locator => page.locator('input[type="file"][multiple]');
const folderInput = (page: Page): Locator => page.locator("input[webkitdirectory]");
const inDialog = (page: Page, name: string): Locator =>
  page.getByRole("dialog").getByRole("button", { name, exact: true });
const menuItem = (page: Page, name: string): Locator => page.getByRole("menuitem", { name, exact: true });
const text = (name: string, content: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Files are written into a folder that only this page sees: a test cannot press the browser's own dialog. */
const writesFiles = (): void => {
  Object.assign(window, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
  });
};

/** Remembers where in the file every request for its bytes began. */
const notesOffsets = (): void => {
  const begun: number[] = [];
  Object.assign(window, { begun });
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, method: string, url: string | URL) {
    begun.push(Number(new URL(url, location.href).searchParams.get("offset")));
    open.call(this, method, url, true);
  };
};

const hashOfWritten = (page: Page, name: string): Promise<string> =>
  page.evaluate(async (wanted) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(wanted);
    const digest = await crypto.subtle.digest("SHA-256", await (await handle.getFile()).arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }, name);

/** A folder with folders in it, on this machine. */
function makeTree(folder: string): string {
  const tree = join(folder, "project");
  mkdirSync(join(tree, "src", "deep"), { recursive: true });
  writeFileSync(join(tree, "readme.md"), "# The project\n");
  writeFileSync(join(tree, "src", "main.ts"), "export const answer = 42;\n");
  writeFileSync(join(tree, "src", "deep", "evil.html"), '<img src=x onerror="alert(1)"><script>alert(2)</script>');
  return tree;
}

test("documents from the empty page to the empty bin", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context, { args: ["--core-only"] });
  const page = await openWindow(context, browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.addInitScript(writesFiles);
  await page.goto(program.consoleLink);
  const local = temporaryFolder(context);
  const tree = makeTree(local);

  await context.test("the empty page says what to do", async () => {
    await page.getByRole("link", { name: "Documents" }).click();
    await page.getByText("This folder is empty").waitFor();
    await page.getByText("Drop files or whole folders here").waitFor();
  });

  await context.test("a folder is made, and a name that cannot be is refused with the server's words", async () => {
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByLabel("Name", { exact: true }).fill("CON");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("alert").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Reports");
    await page.keyboard.press("Enter");
    await row(page, "Reports").waitFor();
    await page.getByRole("treeitem", { name: "Reports" }).waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0);
  });

  await context.test("a folder is uploaded with everything inside it", async () => {
    await folderInput(page).setInputFiles(tree);
    await row(page, "project").getByRole("button", { name: "project", exact: true }).click();
    await row(page, "readme.md").waitFor();
    await row(page, "src").getByRole("button", { name: "src", exact: true }).click();
    await row(page, "main.ts").waitFor();
    await page.getByRole("navigation", { name: "Where you are" }).getByText("project").waitFor();
    await page.getByText("Everything is done").first().waitFor();
  });

  await context.test("a folder that is dropped comes whole, and the transfers survive another page", async () => {
    await page.getByRole("treeitem", { name: "Reports" }).click();
    await page.getByText("This folder is empty").waitFor();
    const box = await page.getByRole("region", { name: "Documents and folders" }).boundingBox();
    assert.ok(box !== null);
    const session = await page.context().newCDPSession(page);
    const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const data = { items: [], files: [tree], dragOperationsMask: 1 };
    await session.send("Input.dispatchDragEvent", { type: "dragEnter", ...point, data });
    await page.getByText("Drop to upload into this folder").waitFor();
    await session.send("Input.dispatchDragEvent", { type: "drop", ...point, data });
    await row(page, "project").waitFor();
    assert.ok(!(await page.getByText("Drop to upload into this folder").isVisible()));
    await page.getByRole("link", { name: "Nodes" }).click();
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await page.getByRole("group", { name: "Files on their way" }).getByText("evil.html").first().waitFor();
    await page.getByRole("button", { name: "Close the list" }).click();
    await page.getByRole("link", { name: "Documents" }).click();
    await row(page, "Reports").dblclick();
    await row(page, "project").waitFor();
    await page.getByRole("treeitem", { name: "Reports", selected: true }).waitFor();
  });

  await context.test("the keys go through the list: arrows, Enter, F2, letters, back", async () => {
    await filesInput(page).setInputFiles([text("alpha.txt", "first"), text("beta.txt", "second")]);
    await row(page, "beta.txt").waitFor();
    await row(page, "alpha.txt").click();
    await page.keyboard.press("ArrowDown");
    assert.equal(await row(page, "beta.txt").getAttribute("aria-selected"), "true");
    assert.equal(await row(page, "alpha.txt").getAttribute("aria-selected"), "false");
    await page.keyboard.press("Shift+ArrowUp");
    await page.getByRole("region", { name: "2 selected" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("p");
    assert.equal(await row(page, "project").getAttribute("aria-selected"), "true");
    await page.keyboard.press("b");
    await page.keyboard.press("F2");
    await page.keyboard.type("gamma");
    await page.keyboard.press("Enter");
    await row(page, "gamma.txt").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await row(page, "gamma.txt").focus();
    await page.keyboard.press("Backspace");
    await row(page, "Reports").waitFor();
    await row(page, "Reports").click();
    await page.keyboard.press("Enter");
    await row(page, "gamma.txt").waitFor();
  });

  await context.test("the menu opens by its key and by the other button", async () => {
    await row(page, "gamma.txt").click();
    await page.keyboard.press("ContextMenu");
    await menuItem(page, "Rename…").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    await menuItem(page, "Rename…").waitFor({ state: "detached" });
    const focused = await page.evaluate(() => document.activeElement?.getAttribute("role"));
    assert.equal(focused, "row");
    await row(page, "alpha.txt").click({ button: "right" });
    await menuItem(page, "Look at it").click();
    await page.getByRole("dialog").getByText("first").waitFor();
    await page.keyboard.press("Escape");
  });

  await context.test("what is hostile stays text", async () => {
    await page.getByRole("searchbox").fill("evil");
    await page.keyboard.press("Enter");
    await page.getByText("2 results for “evil”.").waitFor();
    await page.getByText("All documents / project / src / deep").waitFor();
    await page.getByRole("button", { name: "evil.html", exact: true }).first().click();
    await page.getByRole("dialog").getByText('<img src=x onerror="alert(1)">').waitFor();
    assert.equal(await page.locator("dialog img, dialog iframe, dialog script").count(), 0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "End the search" }).click();
    await row(page, "gamma.txt").waitFor();
  });

  await context.test("a picture and a PDF are shown", async () => {
    const picture = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC",
      "base64",
    );
    const paper = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF");
    await filesInput(page).setInputFiles([
      { name: "dot.png", mimeType: "image/png", buffer: picture },
      { name: "paper.pdf", mimeType: "application/pdf", buffer: paper },
      { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") },
    ]);
    await row(page, "broken.png").waitFor();
    await row(page, "dot.png").dblclick();
    const image = page.getByRole("img", { name: "Picture dot.png" });
    await image.waitFor();
    assert.equal(
      await image.evaluate((element: HTMLImageElement) => element.decode().then(() => element.naturalWidth)),
      10,
    );
    await page.keyboard.press("Escape");
    await row(page, "broken.png").dblclick();
    await page.getByText("The browser cannot draw this picture.").waitFor();
    await page.keyboard.press("Escape");
    if (await page.evaluate(() => navigator.pdfViewerEnabled)) {
      await row(page, "paper.pdf").dblclick();
      const frame = page.getByTitle("PDF paper.pdf");
      await frame.waitFor();
      assert.match((await frame.getAttribute("src")) ?? "", /^\/api\/v1\/downloads\/[0-9a-f]{64}\?inline=1$/);
      await page.keyboard.press("Escape");
    }
  });

  await context.test("a name that is taken: a revision, both, or neither, for all at once", async () => {
    await filesInput(page).setInputFiles([text("alpha.txt", "changed")]);
    await page.getByRole("dialog", { name: "The name is taken" }).waitFor();
    await inDialog(page, "Add it as a new revision").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await filesInput(page).setInputFiles([text("alpha.txt", "a"), text("gamma.txt", "b"), text("dot.png", "c")]);
    await page.getByLabel(/Do the same for the other 2 files/).check();
    await inDialog(page, "Keep both").click();
    for (const name of ["alpha (2).txt", "gamma (2).txt", "dot (2).png"]) await row(page, name).waitFor();
    await filesInput(page).setInputFiles([text("alpha.txt", "nobody wants this")]);
    await inDialog(page, "Leave it out").click();
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await page.getByRole("group", { name: "Files on their way" }).getByText("Left out").waitFor();
    await page.getByRole("button", { name: "Close the list" }).click();
  });

  await context.test("the details have the hash to copy and every revision", async () => {
    await row(page, "alpha.txt").click();
    await page.keyboard.press("Alt+Enter");
    const details = page.getByRole("complementary", { name: "Details" });
    await details.getByRole("button", { name: "Copy the hash" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), sha256(Buffer.from("changed")));
    await details.getByRole("listitem").nth(1).waitFor();
    await details.getByRole("listitem").nth(1).getByRole("button").click();
    await menuItem(page, "Make it current").click();
    await inDialog(page, "Make it current").click();
    await details.getByText(sha256(Buffer.from("first"))).waitFor();
    await details.getByRole("listitem").first().getByRole("button").click();
    await menuItem(page, "Download").click();
    await page.getByText("Everything is done").first().waitFor();
    assert.equal(await hashOfWritten(page, "alpha.txt"), sha256(Buffer.from("changed")));
    await details.getByRole("listitem").first().getByRole("button").click();
    await menuItem(page, "Delete this revision").click();
    await inDialog(page, "Delete this revision").click();
    await details.getByRole("listitem").nth(1).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Close the details" }).click();
    await page.getByRole("button", { name: "Close the list" }).click();
  });

  await context.test("things are moved by the dialog and by dragging, never into themselves", async () => {
    await row(page, "project").click();
    await page.getByRole("button", { name: "Actions for project" }).click();
    await menuItem(page, "Move…").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("It is there already.").waitFor();
    await dialog.getByRole("treeitem", { name: "Reports" }).press("ArrowRight");
    await dialog.getByRole("treeitem", { name: "project" }).nth(1).click();
    await dialog.getByText("A folder cannot be moved into itself.").waitFor();
    assert.ok(await inDialog(page, "Move here").isDisabled());
    await page.keyboard.press("Escape");
    await row(page, "gamma.txt").dragTo(row(page, "project"));
    await row(page, "gamma.txt").waitFor({ state: "detached" });
    await row(page, "project").dblclick();
    await row(page, "gamma.txt").waitFor();
    await row(page, "gamma.txt").dragTo(page.getByRole("navigation", { name: "Where you are" }).getByText("Reports"));
    await row(page, "gamma.txt").waitFor({ state: "detached" });
    await page.goBack();
    await row(page, "gamma.txt").waitFor();
  });

  await context.test("what is deleted is in the bin, comes back, and goes for good", async () => {
    await row(page, "gamma.txt").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.getByText("A folder goes with everything inside it.").waitFor();
    await inDialog(page, "Delete").click();
    await page.getByText("This folder is empty").waitFor();
    await page.getByRole("link", { name: "Bin" }).click();
    await page.getByRole("button", { name: "Actions for gamma.txt" }).click();
    await menuItem(page, "Restore").click();
    await page.getByLabel("To another folder").check();
    await inDialog(page, "Restore").click();
    await page.getByText("gamma.txt is back.").waitFor();
    await page.getByRole("button", { name: "Actions for alpha.txt" }).click();
    await menuItem(page, "Delete for good").click();
    await inDialog(page, "Delete for good").click();
    await page.getByRole("button", { name: "Actions for alpha.txt" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Empty the bin…" }).click();
    await inDialog(page, "Empty the bin").click();
    await page.getByText("The bin is empty", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Files" }).click();
    await page.getByRole("treeitem", { name: "All documents" }).click();
    await row(page, "gamma.txt").waitFor();
  });

  await context.test("an address that leads nowhere says so and shows the way out", async () => {
    await page.goto(`${program.url}/#/documents/files/${"0".repeat(64)}`);
    await page.getByRole("alert").getByText("Directory not found").waitFor();
    await page.getByRole("button", { name: "To all documents" }).click();
    await row(page, "gamma.txt").waitFor();
  });

  await context.test("where the browser cannot write files, it downloads on its own", async () => {
    const plain = await openWindow(context, browser, { acceptDownloads: true });
    await plain.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
    await plain.goto((await program.run("console")).trim());
    await plain.goto(`${program.url}/#/documents`);
    await row(plain, "gamma.txt").click();
    const downloading = plain.waitForEvent("download");
    await plain.getByRole("button", { name: "Actions for gamma.txt" }).click();
    await menuItem(plain, "Download").click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "gamma.txt");
    assert.equal(readFileSync(await download.path(), "utf8"), "second");
  });
});

test("a file goes up and down through cut connections", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context, { args: ["--core-only"] });
  const proxy = await startTcpProxy(context, program.port, { bytesPerSecond: 6e6 });
  const page = await openWindow(context, browser, { expected: /ERR_|WebSocket|status of|Failed to load/ });
  await page.addInitScript(writesFiles);
  await page.addInitScript(notesOffsets);
  await page.goto(program.consoleLink.replace(String(program.port), String(proxy.port)));
  await page.getByRole("link", { name: "Documents" }).click();
  await page.getByText("This folder is empty").waitFor();
  const content = randomBytes(40 * 1024 * 1024);
  const path = join(temporaryFolder(context), "large.bin");
  writeFileSync(path, content);
  /** Where every request for bytes began; the browser tells tests of a request with a large body only late. */
  const offsets = (): Promise<number[]> => page.evaluate(() => (window as unknown as { begun: number[] }).begun);
  const progress = page.getByRole("progressbar", { name: "Progress of large.bin" });
  const isPast = async (percent: number): Promise<void> => {
    await page.waitForFunction(
      ([name, least]) => {
        const bar = document.querySelector<HTMLProgressElement>(`progress[aria-label="${name}"]`);
        return bar !== null && bar.value >= Number(least);
      },
      ["Progress of large.bin", percent] as const,
      { timeout: 30_000 },
    );
  };
  const cut = async (percent: number): Promise<void> => {
    await isPast(percent);
    proxy.cut();
    proxy.heal();
  };

  await context.test("an upload goes on after cuts and a pause, and leaving is warned of", async () => {
    await filesInput(page).setInputFiles(path);
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await cut(10);
    await cut(40);
    const isWarned = await page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
    assert.ok(isWarned, "whoever leaves now is asked");
    await isPast(60);
    await page.getByRole("button", { name: "Pause large.bin" }).click();
    await page.getByText("Paused ·").waitFor();
    assert.equal(await progress.count(), 0);
    await page.getByRole("button", { name: "Resume large.bin" }).click();
    await cut(70);
    await page.getByText("Everything is done").first().waitFor({ timeout: 30_000 });
    const begun = await offsets();
    assert.ok(begun.length >= 4, `every cut and the pause made a new request: ${begun.join(", ")}`);
    assert.deepEqual(
      begun,
      begun.toSorted((a, b) => a - b),
      "and never from before where the core stands",
    );
    const isAsked = await page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
    assert.ok(!isAsked, "nothing is lost any more");
    await row(page, "large.bin").click();
    await page.keyboard.press("Alt+Enter");
    await page.getByText(sha256(content)).waitFor();
    await page.getByRole("button", { name: "Close the list" }).click();
  });

  await context.test("so does a download", async () => {
    await page.getByRole("complementary").getByRole("button", { name: "Download" }).click();
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await cut(15);
    await isPast(40);
    await page.getByRole("button", { name: "Pause large.bin" }).click();
    await page.getByRole("button", { name: "Resume large.bin" }).click();
    await cut(70);
    await page.getByText("Everything is done").first().waitFor({ timeout: 30_000 });
    assert.equal(await hashOfWritten(page, "large.bin"), sha256(content));
    await page.getByRole("button", { name: "Close the list" }).click();
  });

  await context.test("what is cancelled leaves nothing behind", async () => {
    const other = join(temporaryFolder(context), "unwanted.bin");
    writeFileSync(other, content);
    await filesInput(page).setInputFiles(other);
    await page.getByRole("button", { name: "Show the transfers" }).click();
    await page.getByRole("button", { name: "Cancel unwanted.bin" }).click();
    await page.getByText("Cancelled ·").waitFor();
    await page.getByRole("button", { name: "Read the folder again" }).click();
    await row(page, "large.bin").waitFor();
    assert.equal(await row(page, "unwanted.bin").count(), 0);
  });
});
