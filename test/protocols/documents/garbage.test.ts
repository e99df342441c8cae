import assert from "node:assert/strict";
import { test } from "node:test";
import { documentActions } from "../../../src-main/protocols/documents/messages.ts";
import { DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

failOnLeaks();

const seed = 20_260_301;
const rounds = 3_000;
const codes = [200, 202, 400, 401, 403, 404, 409, 429];
/** These change who may come in, or make the answer wait. */
const leftOut = new Set([
  "login",
  "set_passwd",
  "shutdown",
  "lockdown",
  "disable_2fa",
  "revoke_session",
  "validate_2fa",
]);
const actions = Object.keys(documentActions).filter((action) => !leftOut.has(action));

/** Values that have broken programs before, of every type. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "C:\\x",
  "CON",
  "aux.txt",
  "a/b",
  "\u0000",
  "\ud800",
  "name ",
  "name.",
  "é",
  "e\u0301",
  "‮gnp.exe",
  "x".repeat(300),
  "'; drop table users; --",
  "%00",
  "root",
  "/",
  "0".repeat(64),
  "admin",
  "sysop",
  "read",
  "write",
  "user",
  "group",
  "document",
  "directory",
  "all",
  [],
  {},
  [[]],
  [{}],
  ["read"],
  { type: "all" },
  { read: [{ match: "all", match_groups: [] }] },
  { read: [{ match: "any", match_groups: [{ rights: { require: ["x"] } }] }] },
  { read: null },
  { fly: [] },
];

function jsonOf(random: SeededRandom, depth: number): unknown {
  if (depth === 0 || random.chance(0.6)) return random.pick(values);
  if (random.chance(0.5)) return Array.from({ length: random.below(4) }, () => jsonOf(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [random.pick([...members, "__proto__"]), jsonOf(random, depth - 1)]),
  );
}

/** Every member that some action knows, under all of its names. */
const members = [
  ...new Set(
    Object.values(documentActions).flatMap(({ data, aliases }) => [
      ...Object.keys((data as { readonly shape?: object }).shape ?? {}),
      ...Object.keys(aliases),
    ]),
  ),
];

function dataOf(random: SeededRandom, action: string): unknown {
  if (random.chance(0.05)) return jsonOf(random, 2);
  const { data } = documentActions[action as keyof typeof documentActions];
  const own = Object.keys((data as { readonly shape?: object }).shape ?? {});
  const chosen = own.filter(() => random.chance(0.9));
  if (random.chance(0.1)) chosen.push(random.pick(members));
  return Object.fromEntries(chosen.map((member) => [member, jsonOf(random, random.below(3))]));
}

function messageOf(random: SeededRandom, client: PlainDocuments): unknown {
  if (random.chance(0.05)) return Buffer.from(random.bytes(random.below(200)));
  const action = random.chance(0.03) ? random.pick(values) : random.pick(actions);
  const data = typeof action === "string" && actions.includes(action) ? dataOf(random, action) : jsonOf(random, 2);
  const credentials = random.chance(0.03)
    ? { username: random.pick(values), token: random.pick(values) }
    : client.credentials;
  const text = JSON.stringify({ action, data, ...credentials });
  if (!random.chance(0.05)) return text;
  const cut = random.below(text.length);
  return `${text.slice(0, cut)}${random.pick(["", "}", "\u0000", "\\", '"'])}${text.slice(cut + random.below(3))}`;
}

test(`whatever is sent is answered, without an error inside, and nothing is lost (seed ${seed})`, async (t) => {
  const scene = await DocumentScene.open(t);
  const random = new SeededRandom(seed);
  const client = await scene.user({ groups: ["sysop"] });
  const wrong: unknown[] = [];
  const seen = new Map<number, number>();
  for (let round = 0; round < rounds; round += 1) {
    const message = messageOf(random, client);
    const answer = await client.ask(message);
    seen.set(answer.code, (seen.get(answer.code) ?? 0) + 1);
    const whole = typeof answer.message === "string" && typeof answer.data === "object" && answer.data !== null;
    if (!codes.includes(answer.code) || !whole || answer.protocol_version !== 3) wrong.push({ message, answer });
  }
  assert.deepEqual(wrong, []);
  assert.ok((seen.get(200) ?? 0) > 50 && (seen.get(404) ?? 0) > 50, `it got past the schemas: ${[...seen].join(" ")}`);
  assert.equal(await scene.sysop.codeOf("list_directory", { folder_id: null }), 200);
  assert.equal((await scene.core.core.audit.verify()).brokenAt, undefined);
});

test("a client that asks for much and reads nothing of it slows down only itself", async (t) => {
  const scene = await DocumentScene.open(t);
  for (let index = 0; index < 50; index += 1) await scene.folder(`${index} ${"x".repeat(150)}`);
  const client = await scene.signIn("admin");
  client.socket.pause();
  const request = JSON.stringify({ action: "list_directory", data: { folder_id: null }, ...client.credentials });
  const count = 1_000;
  for (let index = 0; index < count; index += 1) client.send(request);
  assert.equal(await scene.sysop.codeOf("server_info"), 200);
  client.socket.resume();
  for (let index = 0; index < count; index += 1) assert.equal((await client.nextAnswer()).code, 200);
});
