import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { noBrowser, openWindow, startBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainDevice } from "../support/plainDevice.ts";
import { startProcess, startProgram } from "../support/startProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const transcript = (page: Page): Locator => page.getByRole("log", { name: "What happened in the room" });
const prompt = (page: Page): Locator => page.getByRole("textbox", { name: "Command for every other device" });

test("two windows and two devices in one room", { skip: noBrowser, timeout: 90_000 }, async (context) => {
  const browser = await startBrowser(context);
  const program = await startProgram(context);
  const page = await openWindow(context, browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const second = await openWindow(context, browser);
  await page.goto(program.consoleLink);
  const relay = `${program.wsUrl}/websocket`;
  let token = "";
  let line = "";

  await context.test("a room is made, and its token is shown once", async () => {
    await page.getByRole("link", { name: "Rooms" }).click();
    await page.getByText("No room has been made yet.").waitFor();
    await page.getByLabel("Name").fill("lab devices");
    await page.getByLabel("Places").fill("8");
    await page.getByRole("button", { name: "Make the room" }).click();
    await page.getByRole("button", { name: "Copy the token" }).click();
    token = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(token, /^pkt_room_\S+$/);
    line = await page.getByRole("region", { name: "The line to run" }).innerText();
    assert.equal(line, `npm run -s picket -- --agent-only --server ${relay} --protocol rooms --token ${token}`);
    await page.getByRole("row").filter({ hasText: "lab devices" }).getByText("0 of 8").waitFor();
  });

  await context.test("alone in the room, a command reaches nobody, and the page says so", async () => {
    await page.getByRole("button", { name: "Join it here" }).click();
    await page.getByText("Nobody else is here").waitFor();
    await page.getByText("a command reaches no device now").waitFor();
    await page.getByRole("row").filter({ hasText: "lab devices" }).getByText("1 of 8").waitFor();
  });

  await context.test("a second window joins with the token", async () => {
    await second.goto((await program.run("console")).trim());
    await second.getByRole("link", { name: "Rooms" }).click();
    await second.getByLabel("Token of the room").fill(token);
    await second.getByRole("button", { name: "Join", exact: true }).click();
    await second.getByText("1 other here").waitFor();
    await page.getByText("1 other here").waitFor();
    await prompt(page).fill("hostname");
    await prompt(page).press("Enter");
    await transcript(second).getByText("Asked by another device").waitFor();
    await transcript(second).getByText("hostname", { exact: true }).waitFor();
  });

  await context.test("our agent runs what is asked, and both windows see the result", async () => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, "policy.yaml"), "version: 1\ncapabilities: [rooms]\n");
    const [, args = ""] = line.split(" picket -- ");
    const agent = startProcess(context, [...args.split(" "), "--data", folder]);
    await agent.printed(/picket agent connected to \S+/);
    await page.getByText("2 others here").waitFor();
    await prompt(page).fill(`echo "from the agent" | tee ${join(folder, "made")}`);
    await prompt(page).press("Enter");
    for (const window of [page, second]) {
      await transcript(window).getByText("from the agent", { exact: true }).waitFor();
    }
    assert.ok(existsSync(join(folder, "made")));
    await prompt(page).fill("echo bad >&2; exit 7");
    await prompt(page).press("Enter");
    await transcript(page).getByText("[exit code 7]").waitFor();
  });

  await context.test("the arrow keys bring back what was sent", async () => {
    await prompt(page).fill("half a thought");
    await prompt(page).press("ArrowUp");
    assert.equal(await prompt(page).inputValue(), "echo bad >&2; exit 7");
    await prompt(page).press("ArrowUp");
    assert.match(await prompt(page).inputValue(), /^echo "from the agent"/);
    await prompt(page).press("ArrowDown");
    await prompt(page).press("ArrowDown");
    assert.equal(await prompt(page).inputValue(), "half a thought");
    await prompt(page).fill("");
  });

  await context.test("what a device sends is text and nothing else", async () => {
    const device = await PlainDevice.join(context, relay, token);
    const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u001b[31mred\u202e';
    device.send({ cmd: "execute_result", extra: { data: hostile } });
    device.send({ cmd: "execute", extra: { command: "<b>bold</b>" } });
    device.send({ cmd: "execute_result", extra: { data: { a: [1] } } });
    device.send({ cmd: "execute_result", extra: { data: "" } });
    device.send({ cmd: "execute_result", extra: { data: `${"x".repeat(100_000)}END` } });
    await transcript(page).getByText('<img src=x onerror="alert(1)">').waitFor();
    await transcript(page).getByText("<b>bold</b>").waitFor();
    await transcript(page).getByText('{"a":[1]}').waitFor();
    await transcript(page).getByText("(no output)").first().waitFor();
    await transcript(page).getByText("34,467 more characters are not shown").waitFor();
    assert.equal(await page.locator("main img, main b").count(), 0);
    await device.close();
  });

  await context.test("another relay cannot be reached from a browser, and one line says so", async () => {
    await second.getByLabel("Relay").fill("ws://192.0.2.1:8765/websocket");
    await second.getByText("In a browser this console can only reach the relay of its own core.").waitFor();
    assert.ok(await second.getByRole("button", { name: "Join", exact: true }).isDisabled());
    await second.getByLabel("Relay").fill("lab");
    await second.getByText("An address like wss://relay.example:8765/websocket is needed.").waitFor();
    await second.getByLabel("Relay").fill(relay);
  });

  await context.test("several rooms, one in front; a wrong token is refused with the relay's words", async () => {
    await second.getByLabel("Token of the room").fill("123456");
    await second.getByRole("button", { name: "Join", exact: true }).click();
    await second.getByText("The relay says: This token opens no room.").waitFor();
    await second.getByRole("button", { name: "Leave Room 2" }).click();
    await second.getByText("In the room", { exact: true }).waitFor();
  });

  await context.test("who leaves the page leaves the room", async () => {
    const inside = page.getByRole("row").filter({ hasText: "lab devices" });
    await inside.getByText("3 of 8").waitFor();
    await second.getByRole("link", { name: "Settings" }).click();
    await inside.getByText("2 of 8").waitFor();
  });

  await context.test("a revoked room shows everybody out", async () => {
    await page.getByRole("button", { name: "Revoke the room lab devices" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The relay says: the room's token was revoked").waitFor();
    await page.getByText("No room is open: each is expired or revoked.").waitFor();
    await page.getByRole("button", { name: "Leave Room 1" }).click();
    await page.getByText("Nobody is in a room at the moment.").waitFor();
  });
});

test("a room is brought back when the core comes back", { skip: noBrowser, timeout: 90_000 }, async (context) => {
  const browser = await startBrowser(context);
  const dataFolder = temporaryFolder(context);
  writeFileSync(join(dataFolder, "policy.yaml"), "version: 1\ncapabilities: []\n");
  const first = await startProgram(context, { dataFolder, args: ["--core-only"] });
  const page = await openWindow(context, browser, { expected: /ERR_CONNECTION|WebSocket|status of|Failed to load/ });
  await page.goto(first.consoleLink);
  const { token } = JSON.parse(await first.run("room", "create", "--json")) as { readonly token: string };
  await page.getByRole("link", { name: "Rooms" }).click();
  await page.getByLabel("Token of the room").fill(token);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText("In the room", { exact: true }).waitFor();
  await first.stop();
  await transcript(page).getByText("The connection is lost").waitFor();
  await startProgram(context, { dataFolder, args: ["--core-only", "--listen", `127.0.0.1:${first.port}`] });
  await page.getByText("In the room", { exact: true }).waitFor({ timeout: 30_000 });
  assert.equal(await transcript(page).getByText("In the room.").count(), 2);
});
