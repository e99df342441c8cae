import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Locator } from "playwright-core";
import { noBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { lookWithAxe } from "../support/lookWithAxe.ts";
import { frontDialog, openDocumentsConsole, scenePassword as password } from "../support/openDocumentsConsole.ts";
import { PlainDocuments } from "../support/plainDocuments.ts";
import { startProgram } from "../support/startProgram.ts";

failOnLeaks();

test("people and groups", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const { program, page, windowOf, sysop } = await openDocumentsConsole(context);
  await page.getByRole("link", { name: "People" }).click();
  const row = (name: string): Locator => page.getByRole("row").filter({ hasText: name });
  const choose = async (name: string, action: string): Promise<void> => {
    await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };

  await context.test("a user is added, and what the server says about a password is shown", async () => {
    await page.getByRole("button", { name: "Add a user" }).click();
    await frontDialog(page).getByLabel("User name").fill("lena");
    await frontDialog(page).getByLabel("Password").fill("short");
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Add" }).click();
    await frontDialog(page).getByRole("alert").getByText("The server says:").waitFor();
    await frontDialog(page).getByLabel("Password").fill(password);
    await frontDialog(page).getByRole("button", { name: "Add" }).click();
    await row("lena").getByText("user", { exact: true }).waitFor();
  });

  await context.test("a membership with an end goes to the server, and comes back as it was", async () => {
    await choose("lena", "Change groups…");
    await frontDialog(page).getByRole("button", { name: "Add a group" }).click();
    await frontDialog(page).getByLabel("Group", { exact: true }).last().fill("staff");
    await frontDialog(page).getByLabel("Until").last().fill("2100-01-02T03:04");
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Save" }).click();
    await row("lena").getByText("Staff of the lab").waitFor();
    await choose("lena", "Change groups…");
    // By name: staff comes before user.
    assert.equal(await frontDialog(page).getByLabel("Until").first().inputValue(), "2100-01-02T03:04");
    await page.keyboard.press("Escape");
    const { memberships } = await sysop.done("get_user_info", { username: "lena" });
    const staff = (memberships as readonly { group_name: string; end_time: number | null }[]).find(
      ({ group_name }) => group_name === "staff",
    );
    assert.ok(staff?.end_time !== null && staff?.end_time !== undefined);
  });

  await context.test("a group may do what is ticked, and its members then see it", async () => {
    await page.getByText("Groups", { exact: true }).first().click();
    await choose("staff", "Change permissions…");
    await frontDialog(page).getByRole("checkbox", { name: "See all users" }).check();
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Save" }).click();
    await row("staff").getByText("1 permission").waitFor();
    const kim = await windowOf("kim");
    await kim.getByRole("link", { name: "People" }).click();
    await kim.getByRole("row").filter({ hasText: "lena" }).waitFor();
    assert.equal(await kim.getByRole("button", { name: "Add a user" }).count(), 0);
    await kim.getByText("Groups", { exact: true }).first().click();
    await kim.getByText("Ask whoever looks after this documents server").waitFor();
    await lookWithAxe(kim);
  });

  await context.test("a group is added and deleted; those of the server itself are not offered", async () => {
    await page.getByRole("button", { name: "Add a group" }).click();
    await frontDialog(page).getByLabel("Name", { exact: true }).fill("guests");
    await frontDialog(page).getByRole("button", { name: "Add" }).click();
    await row("guests").waitFor();
    await choose("guests", "Members…");
    await frontDialog(page).getByLabel("User to add").fill("zoe");
    await page.keyboard.press("Enter");
    await frontDialog(page).getByRole("listitem").filter({ hasText: "zoe" }).waitFor();
    await lookWithAxe(page);
    assert.deepEqual([...((await sysop.done("get_user_info", { username: "zoe" }))["groups"] as string[])].sort(), [
      "guests",
      "user",
    ]);
    await frontDialog(page).getByRole("button", { name: "Remove zoe" }).click();
    await frontDialog(page).getByText("Nobody is in this group yet.").waitFor();
    await page.keyboard.press("Escape");
    await choose("guests", "Delete the group…");
    await frontDialog(page).getByRole("button", { name: "Delete" }).click();
    await row("guests").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Actions for sysop" }).click();
    assert.equal(await page.getByRole("menuitem", { name: "Delete the group…" }).count(), 0);
    await page.keyboard.press("Escape");
  });

  await context.test("a password that somebody else chose has to be changed first", async () => {
    await page.getByText("Users", { exact: true }).first().click();
    await choose("lena", "Set a password…");
    await frontDialog(page).getByLabel("New password").fill("another good password");
    await frontDialog(page).getByRole("button", { name: "Set the password" }).click();
    await page.getByText("lena has a new password.").waitFor();
    const client = await PlainDocuments.connect(context, program.wsUrl);
    const answer = await client.request("login", { username: "lena", password: "another good password" });
    assert.deepEqual([answer.code, answer.message], [403, "Password must be changed before you can log in"]);
  });

  await context.test("a user is deleted, and nobody deletes themselves", async () => {
    await choose("lena", "Delete the user…");
    await frontDialog(page).getByRole("button", { name: "Delete" }).click();
    await row("lena").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Actions for admin" }).click();
    assert.equal(await page.getByRole("menuitem", { name: "Delete the user…" }).count(), 0);
  });
});

test("the audit and the lockdown", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const { page, windowOf } = await openDocumentsConsole(context);

  await context.test("the audit is filtered, counted and exported", async () => {
    await page.getByRole("navigation", { name: "Parts of" }).getByRole("link", { name: "Audit" }).click();
    await page.getByRole("listitem").filter({ hasText: "create_user" }).first().waitFor();
    await page.getByLabel("What").selectOption("create_user");
    await page.getByText("3 records, the newest first").waitFor();
    await page.getByRole("listitem").filter({ hasText: "zoe" }).getByRole("button").click();
    await lookWithAxe(page);
    for (const kind of ["CSV", "JSON"] as const) {
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: kind }).click();
      const text = readFileSync(await (await download).path(), "utf8");
      assert.ok(!text.includes(password), "a password is in the audit");
      if (kind === "JSON") assert.equal((JSON.parse(text) as unknown[]).length, 3);
      else assert.equal(text.trim().split("\r\n").length, 4);
    }
    await page.getByLabel("What").selectOption("Only changes");
    await page.getByRole("listitem").filter({ hasText: "create_directory" }).waitFor();
    assert.equal(await page.getByRole("listitem").filter({ hasText: "list_users" }).count(), 0);
  });

  await context.test("a lockdown shows in every window at once, and is over there at once", async () => {
    const kim = await windowOf("kim");
    await kim.getByRole("row").filter({ hasText: "Plans" }).waitFor();
    assert.equal(await kim.getByRole("button", { name: "Lock down" }).count(), 0);
    await page.getByRole("button", { name: "Lock down" }).click();
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Lock down" }).click();
    await page.getByText("You may go on working").waitFor();
    await kim.getByText("The documents are closed until an administrator lifts it").waitFor();
    await lookWithAxe(kim);
    const late = await windowOf("alex");
    await late.getByText("The documents are closed until an administrator lifts it").waitFor();
    assert.equal(await late.getByRole("row").filter({ hasText: "Plans" }).count(), 0);
    await page.getByRole("button", { name: "Lift the lockdown" }).click();
    await frontDialog(page).getByRole("button", { name: "Lift the lockdown" }).click();
    await kim.getByText("The documents are closed until").waitFor({ state: "detached" });
    await late.getByRole("row").filter({ hasText: "Plans" }).waitFor();
  });
});

test("somebody else's server", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const { page } = await openDocumentsConsole(context);
  const theirPassword = "another horse battery";
  const theirs = await startProgram(context, {
    environment: { PICKET_ADMIN_PASSWORD: theirPassword },
    args: ["--listen", "127.0.0.1:0,protocol=documents,tls"],
  });
  const address = /https:\/\/(127\.0\.0\.1:\d+)/.exec(theirs.output)?.[1];
  const fingerprint = /SHA-256 ([0-9A-F:]+)/.exec(theirs.output)?.[1];
  assert.ok(address !== undefined && fingerprint !== undefined, theirs.output);

  await context.test("the core looks at it first, and its certificate is pinned", async () => {
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByText("No other server yet").waitFor();
    await page.getByRole("button", { name: "Add a server" }).click();
    await frontDialog(page).getByLabel("Address").fill("wss://127.0.0.1:1");
    await frontDialog(page).getByRole("button", { name: "Look at it" }).click();
    await frontDialog(page).getByRole("alert").getByText("reaches no documents server").waitFor();
    await frontDialog(page).getByLabel("Address").fill(`wss://${address}`);
    await frontDialog(page).getByRole("button", { name: "Look at it" }).click();
    await frontDialog(page).getByText("Nobody vouches for its certificate.").waitFor();
    await frontDialog(page).getByText(fingerprint).waitFor();
    assert.equal(await frontDialog(page).getByRole("checkbox").isDisabled(), true);
    await lookWithAxe(page);
    await frontDialog(page).getByLabel("Name").fill("Theirs");
    await frontDialog(page).getByRole("button", { name: "Add this server" }).click();
    await page.getByText(fingerprint).waitFor();
    await lookWithAxe(page);
  });

  await context.test("whoever signs in there administers it there", async () => {
    await page.getByRole("link", { name: "Open" }).click();
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("The server says: Invalid credentials").waitFor();
    await page.getByLabel("Password").fill(theirPassword);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "People" }).click();
    await page.getByRole("row").filter({ hasText: "admin" }).waitFor();
    assert.equal(await page.getByRole("row").filter({ hasText: "Kim Lee" }).count(), 0);
    await page.getByRole("button", { name: "Add a user" }).click();
    await frontDialog(page).getByLabel("User name").fill("theirs");
    await frontDialog(page).getByLabel("Password").fill(password);
    await frontDialog(page).getByRole("button", { name: "Add" }).click();
    await page.getByRole("row").filter({ hasText: "theirs" }).waitFor();
    await PlainDocuments.signedIn(context, theirs.wsUrl, { username: "theirs", password });
  });

  await context.test("it goes from the list again", async () => {
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByRole("button", { name: "Remove Theirs" }).click();
    await frontDialog(page).getByRole("button", { name: "Remove" }).click();
    await page.getByText("No other server yet").waitFor();
  });
});
