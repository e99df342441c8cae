import type { Locator, Page } from "playwright-core";
import { openWindow, startBrowser, type WindowOptions } from "./browser.ts";
import { PlainDocuments } from "./plainDocuments.ts";
import { startProgram, type TestProgram } from "./startProgram.ts";

/** Of everybody in the scene. */
export const scenePassword = "correct horse battery";

/** The dialog in front. */
export const frontDialog = (page: Page): Locator => page.getByRole("dialog").last();

export interface DocumentsConsole {
  readonly program: TestProgram;
  readonly sysop: PlainDocuments;
  readonly page: Page;
  /** A window of its own, signed in as somebody. */
  readonly windowOf: (username: string) => Promise<Page>;
  /** A window where nobody is signed in. */
  readonly newWindow: (options: WindowOptions) => Promise<Page>;
}

/** A core with a folder, and three people of whom only kim is in the group `staff`. */
export async function openDocumentsConsole(context: Parameters<typeof startProgram>[0]): Promise<DocumentsConsole> {
  const browser = await startBrowser(context);
  const program = await startProgram(context, { environment: { PICKET_ADMIN_PASSWORD: scenePassword } });
  const sysop = await PlainDocuments.signedIn(context, program.wsUrl, { password: scenePassword });
  await sysop.done("create_group", { group_name: "staff", display_name: "Staff of the lab" });
  await sysop.done("create_user", {
    username: "kim",
    password: scenePassword,
    nickname: "Kim Lee",
    groups: ["user", "staff"],
  });
  await sysop.done("create_user", { username: "alex", password: scenePassword, groups: ["user"] });
  await sysop.done("create_user", { username: "zoe", password: scenePassword, groups: ["user"] });
  await sysop.done("create_directory", { name: "Plans", parent_id: null });
  const page = await openWindow(context, browser, { reducedMotion: "reduce" });
  await page.goto(program.consoleLink);
  await page.getByRole("link", { name: "Documents" }).click();
  const windowOf = async (username: string): Promise<Page> => {
    const other = await openWindow(context, browser, { expected: /status of 401/ });
    await other.goto(program.url);
    await other.getByLabel("User name").fill(username);
    await other.getByLabel("Password").fill(scenePassword);
    await other.keyboard.press("Enter");
    await other.getByRole("link", { name: "Documents" }).click();
    return other;
  };
  return { program, sysop, page, windowOf, newWindow: (options) => openWindow(context, browser, options) };
}
