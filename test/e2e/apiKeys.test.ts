import assert from "node:assert/strict";
import { test } from "node:test";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { RawPeer } from "../support/rawPeer.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

test("a server of the monitoring protocol comes in with a key that the console makes", {
  skip: noBrowser,
  timeout: 120_000,
}, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(program.consoleLink);
  await page.getByRole("link", { name: "Add a node" }).first().click();
  const section = page.getByRole("region", { name: "API keys" });
  const dialog = page.getByRole("dialog");
  let apiKey = "";

  await context.test("without a key the page says what to do", async () => {
    await section.getByText("No API key has been made yet.").waitFor();
  });

  await context.test("the key is shown once, with what to do with it", async () => {
    await section.getByRole("button", { name: "Make an API key" }).click();
    await dialog.getByLabel("Server").fill("web-1");
    await dialog.getByLabel("Group").fill("lab");
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Copy the key" }).click();
    apiKey = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(apiKey, /^pkt_api_\S+$/);
    await dialog.getByText(`${program.url.replace("http", "ws")}/api/v1/agents/ws`).waitFor();
    await dialog.getByText(`--protocol monitoring --token ${apiKey}`).waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
    await section.getByRole("row").filter({ hasText: "web-1" }).getByText("never").waitFor();
    assert.equal(await page.getByText(apiKey).count(), 0);
  });

  let peer: RawPeer | undefined;
  await context.test("the server that comes in with it is seen and its key was used", async () => {
    peer = await RawPeer.connect(context, `${program.url.replace("http", "ws")}/api/v1/agents/ws`);
    peer.send({ type: "auth", api_key: apiKey });
    const { server_id } = await peer.nextOf("auth_success");
    peer.send({ type: "metrics", server_id, cpu_percent: 42, memory_percent: 50, timestamp: new Date().toISOString() });
    await section
      .getByRole("row")
      .filter({ hasText: "web-1" })
      .getByText(/ago|now/)
      .waitFor();
    await section.getByRole("link", { name: "web-1" }).click();
    await page.getByRole("main").getByText("Online", { exact: true }).waitFor();
    await page.getByRole("main").getByText("42").first().waitFor();
  });

  await context.test("a revoked key ends its connection at once", async () => {
    await page.goto(`${program.url}/#/add`);
    await section.getByRole("button", { name: "Revoke the API key of web-1" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The API key is revoked.").waitFor();
    assert.equal((await peer?.closed)?.code, 1008);
    await section.getByText("No API key is in force").waitFor();
    await section.getByRole("button", { name: "Show 1 revoked one" }).click();
    await section.getByRole("row").filter({ hasText: "web-1" }).getByText("Revoked").waitFor();
  });
});
