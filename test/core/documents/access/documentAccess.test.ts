import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessTypes } from "../../../../src-main/core/documents/accessType.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments, type TestDocuments } from "../../../support/openDocuments.ts";
import { type AccessRow, accessTable, type Place } from "./accessTable.ts";

const cleanUps: (() => unknown)[] = [];
after(async () => {
  for (const task of cleanUps.reverse()) await task();
});
failOnLeaks();

let documents: TestDocuments;
let count = 0;

before(async () => {
  documents = await openDocuments({ after: (task) => cleanUps.push(task as () => unknown) });
});

test("the table has at least 150 cases of different names", () => {
  assert.ok(accessTable.length >= 150, `${accessTable.length}`);
  assert.equal(new Set(accessTable.map(({ name }) => name)).size, accessTable.length);
});

for (const row of accessTable) {
  test(`${row.name}: may [${row.may}]`, async () => {
    const { access, user } = documents;
    count += 1;
    const places = await makePlaces();
    const somebody = await user(`user ${count}`, row.as);
    const another = await user(`another ${count}`);
    await storeRules(places, row);
    await storeBlocksAndGrants(places, row, { user: somebody.userId, another: another.userId });
    const decisions = await Promise.all(
      accessTypes.map(async (type) => [type, await access.check(somebody, type, places.document)] as const),
    );
    const allowed = decisions.filter(([, decision]) => decision.allowed).map(([type]) => type);
    assert.equal(allowed.join(" "), row.may);
    for (const [type, { allowed: isAllowed, because }] of decisions) {
      const kinds = new Set(because.map(({ kind }) => kind));
      const kind = [...kinds].join();
      if (isAllowed) assert.match(kind, /^(granted|no-rules|rule-met)$/, `${type} is allowed for one reason`);
      else assert.match(kind, /^(blocked|rule-failed)$/, `${type} is refused for one reason`);
    }
  });
}

async function makePlaces(): Promise<Readonly<Record<Place, string>>> {
  const { folder, document } = documents;
  const outer = await folder(`outer ${count}`);
  const inner = await folder("inner", outer);
  return { outer, inner, document: await document("document", inner), beside: await document("beside", inner) };
}

/** Past `AccessRules.set`, which would not let anybody lock himself out. */
async function storeRules(places: Readonly<Record<Place, string>>, { rules = {} }: AccessRow): Promise<void> {
  const { kysely } = documents.database;
  const rows = Object.entries(rules).flatMap(([place, map]) =>
    Object.entries(map ?? {}).flatMap(([access_type, list]) =>
      list.map((rule) => ({ entry_id: places[place as Place], access_type, rule_json: JSON.stringify(rule) })),
    ),
  );
  await documents.database.transact(rows.map((values) => kysely.insertInto("access_rules").values(values)));
}

async function storeBlocksAndGrants(
  places: Readonly<Record<Place, string>>,
  { blocks = [], grants = [] }: AccessRow,
  people: { readonly user: string; readonly another: string },
): Promise<void> {
  const { kysely } = documents.database;
  const now = documents.clock.wallTime();
  await documents.database.transact([
    ...blocks.map(({ on, types, ends, lifted, ofAnother }) =>
      kysely.insertInto("user_blocks").values({
        user_id: ofAnother ? people.another : people.user,
        entry_id: on === "everywhere" ? null : places[on],
        access_types_json: JSON.stringify(types),
        created_by: "kim",
        created_at: now,
        end_at: ends === undefined ? null : now + ends * 1_000,
        lifted_at: lifted ? now : null,
      }),
    ),
    ...grants.map(({ on, type, group, starts = 0, ends, toAnother }) =>
      kysely.insertInto("access_grants").values({
        user_id: group === undefined ? (toAnother ? people.another : people.user) : null,
        group_name: group ?? null,
        entry_id: places[on],
        access_type: type,
        start_at: now + starts * 1_000,
        end_at: ends === undefined ? null : now + ends * 1_000,
      }),
    ),
  ]);
}
