import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { noBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { lookWithAxe } from "../support/lookWithAxe.ts";
import { frontDialog, openDocumentsConsole } from "../support/openDocumentsConsole.ts";

failOnLeaks();

async function openAccess(page: Page, name: string): Promise<void> {
  await page.getByRole("row").filter({ hasText: name }).getByRole("button").last().click();
  await page.getByRole("menuitem", { name: "Access…" }).click();
  await frontDialog(page)
    .getByRole("heading", { name: `Access to ${name}` })
    .waitFor();
}

test("rules, and who can", { skip: noBrowser, timeout: 120_000 }, async (context) => {
  const { page, sysop } = await openDocumentsConsole(context);
  await openAccess(page, "Plans");
  const panel = frontDialog(page);

  await context.test("a rule says in words what it asks for, while it is made", async () => {
    await panel.getByRole("button", { name: "Add a rule: Read" }).click();
    await panel.getByText("Everybody who is signed in", { exact: false }).or(panel.getByText("be signed in")).waitFor();
    await panel.getByLabel("Groups", { exact: true }).fill("staff");
    await page.keyboard.press("Enter");
    await panel.getByText("To read this, you must be in the group “Staff of the lab”.").waitFor();
    await lookWithAxe(page);
  });

  await context.test("nobody locks themselves out, and nothing of it is saved", async () => {
    await panel.getByRole("button", { name: "Save the rules" }).click();
    await panel.getByRole("alert").getByText("Nothing was saved").waitFor();
    const { folders } = await sysop.done("list_directory", { folder_id: null });
    const [plans] = folders as readonly { readonly id: string }[];
    assert.deepEqual(await sysop.done("get_directory_access_rules", { directory_id: plans?.id }), {});
  });

  await context.test("a second part lets the administrators in as well", async () => {
    await panel.getByRole("button", { name: "Add a part" }).click();
    await panel.getByText("One part is enough").click();
    await panel.getByLabel("Groups", { exact: true }).last().fill("sysop");
    await page.keyboard.press("Enter");
    await panel
      .getByText("To read this, you must be in the group “Staff of the lab”; or be in the group “sysop”.")
      .waitFor();
    await panel.getByRole("button", { name: "Save the rules" }).click();
    await page.getByText("The rules of Plans are saved.").waitFor();
  });

  await context.test("as JSON it is the same rule, and comes back to the form", async () => {
    await panel.getByRole("button", { name: "Change Read, rule 1" }).click();
    await panel.getByRole("button", { name: "Change as JSON" }).click();
    const json = panel.getByRole("textbox", { name: "Read, rule 1 as JSON" });
    const rule = JSON.parse(await json.inputValue()) as { match: string; match_groups: unknown[] };
    assert.equal(rule.match, "any");
    assert.equal(rule.match_groups.length, 2);
    await json.fill("{");
    await panel.getByText("This is no JSON object.").waitFor();
    assert.equal(await panel.getByRole("button", { name: "Save the rules" }).isDisabled(), true);
    await lookWithAxe(page);
    await json.fill(JSON.stringify(rule));
    await panel.getByRole("button", { name: "Back to the form" }).click();
    assert.equal(await panel.getByRole("button", { name: "Save the rules" }).isDisabled(), true);
  });

  await context.test("what was not saved is not lost by closing, unless it is meant", async () => {
    await panel.getByRole("button", { name: "Add a rule: Move" }).click();
    await page.keyboard.press("Escape");
    await frontDialog(page).getByRole("heading", { name: "Close without saving?" }).waitFor();
    await frontDialog(page).getByRole("button", { name: "Cancel" }).click();
    await panel.getByRole("button", { name: "Discard" }).click();
    await panel.getByRole("region", { name: "Move" }).getByText("No rule here").waitFor();
  });

  await context.test("who can read is answered by name, with the reason", async () => {
    await panel.getByText("Who can", { exact: true }).click();
    await panel.getByText("2 of 4 can.").waitFor();
    const row = (name: string): Locator => panel.getByRole("listitem").filter({ hasText: name });
    await row("kim").getByText("meets the rule for reading: be in the group “Staff of the lab”").waitFor();
    await row("alex").getByText("does not meet the rule for reading").waitFor();
    await lookWithAxe(page);
  });

  await context.test("a grant lets somebody in past the rules, until it is revoked", async () => {
    await panel.getByText("Granted", { exact: true }).click();
    await panel.getByRole("button", { name: "Grant access" }).click();
    await frontDialog(page).getByLabel("Name of the user").fill("alex");
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Grant access" }).click();
    await panel.getByRole("row").filter({ hasText: "alex" }).getByText("always").waitFor();
    await panel.getByText("Who can", { exact: true }).click();
    await panel.getByText("3 of 4 can.").waitFor();
    await panel.getByRole("listitem").filter({ hasText: "alex" }).getByText("was granted access here").waitFor();
    await panel.getByText("Granted", { exact: true }).click();
    await panel.getByRole("button", { name: "Revoke what alex was granted: Read" }).click();
    await frontDialog(page).getByRole("button", { name: "Revoke" }).click();
    await panel.getByText("Nothing was granted here.").waitFor();
  });

  await context.test("a block keeps somebody out, until it is lifted", async () => {
    await panel.getByText("Blocked", { exact: true }).click();
    await panel.getByRole("button", { name: "Block a user" }).click();
    await frontDialog(page).getByLabel("Name of the user").fill("kim");
    await frontDialog(page).getByText("Read", { exact: true }).click();
    await frontDialog(page).getByText("until somebody lifts it").click();
    await lookWithAxe(page);
    await frontDialog(page).getByRole("button", { name: "Block a user" }).click();
    await panel.getByRole("listitem").filter({ hasText: "kim" }).getByText("Read, Write · here").waitFor();
    await panel.getByText("Who can", { exact: true }).click();
    await panel.getByRole("listitem").filter({ hasText: "kim" }).getByText("is blocked here").waitFor();
    await panel.getByText("Blocked", { exact: true }).click();
    await panel.getByRole("button", { name: "Lift the block of kim" }).click();
    await panel.getByText("Nobody is blocked here.").waitFor();
  });
});

test("the same in Chinese, for readers of the screen", { skip: noBrowser, timeout: 150_000 }, async (context) => {
  const { program, sysop, newWindow } = await openDocumentsConsole(context);
  const { folders } = await sysop.done("list_directory", { folder_id: null });
  const plans = (folders as readonly { readonly id: string }[])[0]?.id;
  const rule = {
    match: "any",
    match_groups: [
      { groups: { match: "any", require: ["staff", "sysop"] }, rights: { require: ["move"] } },
      { rights: {} },
    ],
  };
  await sysop.done("set_directory_rules", {
    directory_id: plans,
    access_rules: { read: [rule, { ...rule, note: 1 }] },
  });
  await sysop.done("grant_access", {
    entity_type: "group",
    entity_identifier: "staff",
    target_type: "directory",
    target_identifier: plans,
    access_types: ["write"],
    start_time: 0,
    end_time: 4_102_444_800,
  });
  await sysop.done("block_user", { username: "zoe", target: { type: "all" }, block_types: ["read"], duration: 9_999 });
  const page = await newWindow({ locale: "zh-CN", reducedMotion: "reduce" });
  await page.goto((await program.run("console")).trim());
  const more = (name: string): Locator => page.getByRole("row").filter({ hasText: name }).getByRole("button").last();

  await context.test("access", async () => {
    await page.goto(`${program.url}/#/documents/files`);
    await more("Plans").click();
    await page.getByRole("menuitem", { name: "访问" }).click();
    await frontDialog(page).getByText("此规则含有控制台无法用文字说明的内容。").waitFor();
    await frontDialog(page).getByRole("button", { name: "修改读取规则 1" }).click();
    await frontDialog(page).getByRole("button", { name: "修改读取规则 2" }).click();
    await lookWithAxe(page);
    await frontDialog(page).getByText("谁可以", { exact: true }).click();
    await frontDialog(page).getByText("已被全局封禁").waitFor();
    await lookWithAxe(page);
    await frontDialog(page).getByText("已授权", { exact: true }).click();
    await frontDialog(page).getByRole("row").filter({ hasText: "Staff" }).waitFor();
    await lookWithAxe(page);
    await frontDialog(page).getByText("已封禁", { exact: true }).click();
    await frontDialog(page).getByRole("listitem").filter({ hasText: "zoe" }).waitFor();
    await lookWithAxe(page);
    await page.keyboard.press("Escape");
  });

  await context.test("people", async () => {
    await page.goto(`${program.url}/#/documents/people`);
    for (const action of ["修改昵称…", "修改用户组…", "设置密码…", "查看封禁…", "全局封禁…", "删除用户…"]) {
      await more("zoe").click();
      await page.getByRole("menuitem", { name: action }).click();
      await frontDialog(page).waitFor();
      await lookWithAxe(page);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.getByText("用户组", { exact: true }).first().click();
    await lookWithAxe(page);
    await more("sysop").click();
    await page.getByRole("menuitem", { name: "修改权限…" }).click();
    await frontDialog(page).getByRole("group", { name: "文件夹" }).waitFor();
    await lookWithAxe(page);
    await page.keyboard.press("Escape");
  });

  await context.test("a window as narrow as a telephone", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    await page.goto(`${program.url}/#/documents/files`);
    await more("Plans").click();
    await page.getByRole("menuitem", { name: "访问" }).click();
    await frontDialog(page).getByRole("button", { name: "修改读取规则 1" }).click();
    const overflow = await frontDialog(page)
      .locator(".content")
      .evaluate((content) => content.scrollWidth - content.clientWidth);
    assert.ok(overflow <= 0, `the rules are ${overflow} pixels too wide`);
  });
});
