import assert from "node:assert/strict";
import { test } from "node:test";
import { accessTypes } from "../../../../src-main/core/documents/accessType.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments, type TestDocuments } from "../../../support/openDocuments.ts";
import { SeededRandom } from "../../../support/seededRandom.ts";
import { type ReferenceRule, referenceDecision } from "./referenceDecision.ts";

failOnLeaks();

const permissionNames = ["p", "q", "r"];
const groupNames = ["g", "h", "i"];

interface Entry {
  readonly id: string;
  readonly parent: Entry | undefined;
  readonly rules: Record<string, ReferenceRule[]>;
}

interface Person {
  readonly user: Awaited<ReturnType<TestDocuments["user"]>>;
  readonly permissions: readonly string[];
  readonly groups: readonly string[];
}

for (const seed of [11, 12, 13, 14, 15, 16]) {
  test(`random rules, blocks and grants decide as the reference does (seed ${seed})`, async (context) => {
    const random = new SeededRandom(seed);
    const documents = await openDocuments(context);
    const { access, blocks, grants, clock } = documents;
    const people: Person[] = [];
    for (let count = 0; count < 8; count += 1) {
      const [permissions, groups] = [some(random, permissionNames), some(random, groupNames)];
      people.push({ user: await documents.user(`user ${count}`, { permissions, groups }), permissions, groups });
    }
    await documents.user("everybody's groups", { groups: groupNames });
    const entries = await randomTree(random, documents);
    const blocked: { readonly person: Person; readonly entry: Entry | undefined; readonly types: readonly string[] }[] =
      [];
    const granted: {
      readonly person?: Person;
      readonly group?: string;
      readonly entry: Entry;
      readonly type: string;
    }[] = [];
    for (let count = 0; count < 6; count += 1) {
      const person = random.pick(people);
      const entry = random.chance(0.2) ? undefined : random.pick(entries);
      const types = [random.pick(["read", "write", "move"])];
      await blocks.create({ userId: person.user.userId, entryId: entry?.id, types, endAt: undefined, by: "kim" });
      blocked.push({ person, entry, types });
    }
    for (let count = 0; count < 12; count += 1) {
      const [entry, type] = [random.pick(entries), random.pick(accessTypes)];
      const to = random.chance(0.5) ? { person: random.pick(people) } : { group: random.pick(groupNames) };
      const subject = "person" in to ? { userId: to.person.user.userId } : to;
      await grants.create({
        ...subject,
        entryId: entry.id,
        types: [type],
        startAt: clock.wallTime(),
        endAt: undefined,
      });
      granted.push({ ...to, entry, type });
    }
    const counts = { allowed: 0, refused: 0 };
    for (const entry of entries) {
      for (const type of accessTypes) {
        const decided = new Map(
          (await access.whoCan(type, entry.id)).map(({ username, decision }) => [username, decision]),
        );
        for (const person of people) {
          const { user, permissions, groups } = person;
          const expected = referenceDecision(
            {
              chain: chainOf(entry),
              permissions,
              groups,
              blocked: blocked
                .filter((block) => block.person === person && (block.entry ?? entry) === entry)
                .flatMap(({ types }) => types),
              granted: granted
                .filter((grant) => grant.entry === entry)
                .filter((grant) => grant.person === person || groups.some((group) => group === grant.group))
                .map((grant) => grant.type),
            },
            type,
          );
          counts[expected ? "allowed" : "refused"] += 1;
          const decision = await access.check(user, type, entry.id);
          const about = JSON.stringify({ seed, type, user, chain: chainOf(entry) });
          assert.equal(decision.allowed, expected, about);
          assert.deepEqual(decided.get(user.username), decision, `who can says the same as a check: ${about}`);
          const many = await access.checkMany(user, type, [entry.id]);
          assert.deepEqual(many.get(entry.id), decision, "and so does a check of many");
        }
      }
    }
    assert.ok(counts.allowed > 100 && counts.refused > 100, `both happen: ${JSON.stringify(counts)}`);
  });
}

async function randomTree(random: SeededRandom, { database, folder, document }: TestDocuments): Promise<Entry[]> {
  const folders: Entry[] = [];
  const entries: Entry[] = [];
  for (let count = 0; count < 14; count += 1) {
    const parent = random.chance(0.15) || folders.length === 0 ? undefined : random.pick(folders);
    const isFolder = random.chance(0.6);
    const id = await (isFolder ? folder : document)(`${count}`, parent?.id);
    const entry: Entry = { id, parent, rules: {} };
    for (const type of accessTypes) {
      if (random.chance(0.6)) continue;
      entry.rules[type] = Array.from({ length: 1 + random.below(2) }, () => randomRule(random));
    }
    const { kysely } = database;
    await database.transact(
      Object.entries(entry.rules).flatMap(([access_type, rules]) =>
        rules.map((rule) =>
          kysely.insertInto("access_rules").values({ entry_id: id, access_type, rule_json: JSON.stringify(rule) }),
        ),
      ),
    );
    entries.push(entry);
    if (isFolder) folders.push(entry);
  }
  return entries;
}

function randomRule(random: SeededRandom): ReferenceRule {
  const clause = (names: readonly string[]) => ({
    ...(random.chance(0.5) ? { match: random.pick(["all", "any"]) } : {}),
    ...(random.chance(0.9) ? { require: some(random, names) } : {}),
  });
  const subgroup = () => ({
    ...(random.chance(0.5) ? { match: random.pick(["all", "any"]) } : {}),
    ...(random.chance(0.6) ? { rights: clause(permissionNames) } : {}),
    ...(random.chance(0.6) ? { groups: clause(groupNames) } : {}),
  });
  return {
    match: random.pick(["all", "any"]),
    match_groups: Array.from({ length: random.below(4) }, subgroup),
    ...(random.chance(0.3) ? { __subinherit__: random.chance(0.5) } : {}),
    ...(random.chance(0.2) ? { __noinherit__: random.chance(0.3) ? "all" : some(random, accessTypes) } : {}),
  };
}

function chainOf(entry: Entry): readonly Entry["rules"][] {
  return entry.parent === undefined ? [entry.rules] : [entry.rules, ...chainOf(entry.parent)];
}

function some(random: SeededRandom, names: readonly string[]): string[] {
  return names.filter(() => random.chance(0.45));
}
