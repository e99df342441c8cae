import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorTable } from "../../../src-main/base/errors.ts";
import { permissionNames } from "../../../src-main/core/identity/permissionNames.ts";
import { type ActionName, documentActions } from "../../../src-main/protocols/documents/messages.ts";
import { handlers } from "../../../src-main/protocols/documents/requests/handlers.ts";
import { actionFacts } from "../../documentation/actionFacts.ts";
import { readDocumentsPage } from "../../documentation/documentsPage.ts";

const folder = join(import.meta.dirname, "../../../src-main/protocols/documents");
const { written, generated } = readDocumentsPage();
/** Where answers are made. */
const sources = ["requests", "transfers"]
  .flatMap((part) => readdirSync(join(folder, part)).map((name) => join(folder, part, name)))
  .concat(["answerOf.ts", "dispatch.ts"].map((name) => join(folder, name)))
  .map((file) => readFileSync(file, "utf8").replace(/" \+\s*"/g, ""));

test("documents.md is what the program says: if not, run npm run fix", () => {
  assert.ok(generated.length > 30_000, "all of it was generated");
  assert.equal(written, generated);
});

test("documents.md says in its own part what the generated one has under it", () => {
  const front = written.split("<!-- Generated")[0] ?? "";
  const extensions = front.slice(front.indexOf("## Actions"));
  const named = Array.from(extensions.matchAll(/`([a-z_]+)`/g), ([, name]) => name ?? "").filter(
    (name) => name !== "data",
  );
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter((name) => !Object.hasOwn(documentActions, name)),
    [],
  );
});

test("the lockdown's list in documents.md is the list of the rows", () => {
  const section = written.slice(written.indexOf("## Lockdown"), written.indexOf("## Audit"));
  const list = section.slice(section.indexOf("everything but"), section.indexOf("Going in"));
  const named = Array.from(list.matchAll(/`([a-z_0-9]+)`/g), ([, name]) => name ?? "").sort();
  const open = Object.entries(handlers).flatMap(([name, { lockdownOpen }]) => (lockdownOpen === true ? [name] : []));
  assert.deepEqual(named, open.sort());
});

test("every permission that a row asks for is one that there is", () => {
  const asked = Object.values(handlers).flatMap((row) =>
    row.access !== "open" && typeof row.permission === "string" ? [row.permission] : [],
  );
  assert.ok(asked.length > 20);
  assert.deepEqual(
    asked.filter((permission) => !permissionNames.includes(permission)),
    [],
  );
});

test("every message that the program answers with stands in documents.md", () => {
  const literals = sources.flatMap((source) =>
    Array.from(
      source.matchAll(/"([A-Z][^"\n]* [^"\n]*)"|`([A-Z][^`\n]* [^`\n]*)`/g),
      ([, plain, template]) => plain ?? template ?? "",
    ),
  );
  assert.ok(literals.length > 80, "they were found");
  const missing = literals.filter((text) => !patternOf(text).test(written));
  // Said where nothing else is known; the table of codes has them without their words.
  const general = ["Something of that name exists there", "A download of this is in progress. Please try again later."];
  assert.deepEqual(
    [...new Set(missing)].filter((text) => !general.includes(text) && !text.startsWith("Missing required field: ")),
    [],
  );
});

test("every message in documents.md is one that the program answers with", () => {
  const all = `${sources.join("\n")}\n${Object.values(errorTable)
    .map(({ message }) => message)
    .join("\n")}\n${coreMessages()}`;
  const messages = Object.values(actionFacts).flatMap(({ success, refusals }) => [
    ...success,
    ...refusals.map(([, message]) => message),
  ]);
  const unknown = messages.filter((message) => !all.includes(constantPart(message)));
  assert.deepEqual([...new Set(unknown)], []);
});

test("an action that asks for a permission can be refused, and one that asks for nobody is not", () => {
  const wrong = (Object.keys(handlers) as ActionName[]).filter((name) => {
    const row = handlers[name];
    const refused = actionFacts[name].refusals.some(([code]) => code === 403);
    if (row.access !== "user" || row.permission === undefined) return false;
    const { denied = "Permission denied" } = row;
    return !refused || !actionFacts[name].refusals.some(([code, message]) => code === 403 && message === denied);
  });
  assert.deepEqual(wrong, []);
});

/** A text of the program, whatever is put into it. */
function patternOf(text: string): RegExp {
  const parts = text.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join(".{1,40}?"));
}

/** The beginning of a documented message, before what stands in for something else. */
function constantPart(message: string): string {
  return message.split(/…|\bX\b|\(MIN|: expected|for (?:download|upload)$/)[0] ?? "";
}

/** The sentences of the core that go out as they are. */
function coreMessages(): string {
  const core = join(folder, "../../core");
  return ["documents", "identity"]
    .flatMap((part) =>
      readdirSync(join(core, part), { recursive: true, encoding: "utf8" }).map((name) => join(core, part, name)),
    )
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}
