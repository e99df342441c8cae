import assert from "node:assert/strict";
import { test } from "node:test";
import { sysopPermissions } from "../../../src-main/core/identity/permissionNames.ts";
import type { ActionName } from "../../../src-main/protocols/documents/messages.ts";
import { handlers } from "../../../src-main/protocols/documents/requests/handlers.ts";
import { DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { authorisationRows, type Row, Subject } from "./authorisationRows.ts";

failOnLeaks();

const rows = Object.entries(authorisationRows) as readonly (readonly [ActionName, Row])[];

/** The codes that are not the ones of the table. */
async function wrongCodes(
  scene: DocumentScene,
  askerOf: (row: Row) => PlainDocuments,
  expected: (row: Row) => number,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [action, row] of rows) {
    const asker = askerOf(row);
    const data = (await row.data?.(new Subject(scene, asker))) ?? {};
    // A connection of its own: one that listens hears of lockdowns, too.
    const connection = await scene.anonymous();
    const { code, message } = await connection.request(action, data, asker.credentials);
    connection.socket.terminate();
    if (code !== expected(row)) wrong.push(`${action}: ${code} ${message} instead of ${expected(row)}`);
  }
  return wrong;
}

test("every action has a row, and the row its permission", () => {
  assert.deepEqual(Object.keys(authorisationRows).sort(), Object.keys(handlers).sort());
  for (const [action, { permission }] of rows) {
    const handler = handlers[action];
    const needed = handler.access === "open" ? undefined : handler.permission;
    if (typeof needed !== "function") assert.equal(permission, needed, action);
  }
});

test("a stranger may do what is open, and nothing else", async (t) => {
  const scene = await DocumentScene.open(t);
  const stranger = await scene.anonymous();
  const wrong = await wrongCodes(
    scene,
    () => stranger,
    ({ stranger: code = 401 }) => code,
  );
  assert.deepEqual(wrong, []);
});

test("a user without rights may do what needs none", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user({ groups: [] });
  const wrong = await wrongCodes(
    scene,
    () => user,
    ({ permission, allowed = 200 }) => (permission === undefined ? allowed : 403),
  );
  assert.deepEqual(wrong, []);
});

test("a user with exactly the permission of an action may do it", async (t) => {
  const scene = await DocumentScene.open(t);
  const holders = new Map<string | undefined, PlainDocuments>();
  for (const [, { permission }] of rows) {
    if (holders.has(permission)) continue;
    holders.set(
      permission,
      await scene.user({ groups: [], permissions: permission === undefined ? [] : [permission] }),
    );
  }
  const wrong = await wrongCodes(
    scene,
    ({ permission }) => holders.get(permission) ?? assert.fail("no holder"),
    ({ allowed = 200 }) => allowed,
  );
  assert.deepEqual(wrong, []);
});

test("a user with every other permission may not", async (t) => {
  const scene = await DocumentScene.open(t);
  const needed = new Set(rows.flatMap(([, { permission }]) => (permission === undefined ? [] : [permission])));
  const wrong: string[] = [];
  for (const permission of needed) {
    const others = sysopPermissions.filter((other) => other !== permission);
    const user = await scene.user({ groups: [], permissions: others });
    for (const [action, row] of rows.filter(([, row]) => row.permission === permission)) {
      const data = (await row.data?.(new Subject(scene, user))) ?? {};
      const { code } = await user.request(action, data);
      if (code !== 403) wrong.push(`${action} without ${permission}: ${code}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("a member of sysop may do everything", async (t) => {
  const scene = await DocumentScene.open(t);
  const sysop = await scene.user({ groups: ["sysop"] });
  const wrong = await wrongCodes(
    scene,
    () => sysop,
    ({ allowed = 200 }) => allowed,
  );
  assert.deepEqual(wrong, []);
});

test("in a lockdown nobody may do what is not on its list, whatever their rights, but who may pass it", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user({ groups: ["sysop"] });
  const permissions = sysopPermissions.filter((permission) => permission !== "bypass_lockdown");
  const held = await scene.user({ groups: [], permissions });
  await scene.sysop.done("lockdown", { status: true });
  const wrong: string[] = [];
  for (const [action, row] of rows) {
    const data = (await row.data?.(new Subject(scene, held))) ?? {};
    const { code } = await held.request(action, data);
    if ((code === 999) === (handlers[action].lockdownOpen === true)) wrong.push(`${action}: ${code}`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(await user.codeOf("list_users"), 200);
});
