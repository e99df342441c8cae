import type { Rights } from "../../../support/openDocuments.ts";

/** Where a rule, a block or a grant stands: the document that is asked about, its folder, the folder of that, or elsewhere. */
export type Place = "document" | "inner" | "outer" | "beside";

/** One case: what stands where, who asks, and what that user may do with the document. */
export interface AccessRow {
  readonly name: string;
  readonly rules?: Partial<Record<Place, Readonly<Record<string, readonly unknown[]>>>>;
  readonly as?: Rights;
  readonly blocks?: readonly BlockRow[];
  readonly grants?: readonly GrantRow[];
  /** Of read, write, move and manage, those that are allowed. */
  readonly may: string;
}

/** Times are seconds from now. */
export interface BlockRow {
  readonly on: Place | "everywhere";
  readonly types: readonly string[];
  readonly ends?: number;
  readonly lifted?: true;
  /** Somebody else's. */
  readonly ofAnother?: true;
}

export interface GrantRow {
  readonly on: Place;
  readonly type: string;
  /** Undefined: to the user. */
  readonly group?: string;
  readonly starts?: number;
  readonly ends?: number;
  readonly toAnother?: true;
}

const everything = "read write move manage";
const everybody = { match: "all", match_groups: [] };
const nobody = { match: "any", match_groups: [] };
const a: Rights = { permissions: ["a"] };
const ab: Rights = { permissions: ["a", "b"] };
const staff: Rights = { groups: ["staff"] };

const clause = (match: string | undefined, ...require: readonly string[]) =>
  match === undefined ? { require } : { match, require };
const one = (subgroup: object, match = "all") => ({ match, match_groups: [subgroup] });
const needs = (...permissions: readonly string[]) => one({ rights: { require: permissions } });
const needsGroup = (...groups: readonly string[]) => one({ groups: { require: groups } });
/** A rule for reading that decides alone. */
const reading = (rule: unknown) => ({ document: { read: [rule] } });
const canRead = everything;
const cannotRead = "move";

/** One clause: which of its names must be held. */
const clauses: readonly AccessRow[] = [
  ...(
    [
      [undefined, ["a"], [], false],
      [undefined, ["a"], ["a"], true],
      [undefined, ["a"], ["b"], false],
      [undefined, ["a", "b"], ["a"], false],
      [undefined, ["a", "b"], ["a", "b"], true],
      ["all", ["a"], ["a"], true],
      ["all", ["a", "b"], ["a", "b", "c"], true],
      ["all", ["a", "b"], ["b"], false],
      ["all", ["a", "a"], ["a"], true],
      ["all", [], [], true],
      ["any", ["a"], ["a"], true],
      ["any", ["a", "b"], ["b"], true],
      ["any", ["a", "b"], ["c"], false],
      ["any", ["a", "b"], [], false],
      ["any", [], [], true],
      ["all", ["A"], ["a"], false],
    ] as const
  ).flatMap(([match, required, held, met]): AccessRow[] => [
    {
      name: `permissions, match ${match}: requires [${required}], holds [${held}]`,
      rules: reading(one({ rights: clause(match, ...required) })),
      as: { permissions: held },
      may: met ? canRead : cannotRead,
    },
    {
      name: `groups, match ${match}: requires [${required}], is in [${held}]`,
      rules: reading(one({ groups: clause(match, ...required) })),
      as: { groups: held },
      may: met ? canRead : cannotRead,
    },
  ]),
  { name: "a permission is no group", rules: reading(needsGroup("a")), as: a, may: cannotRead },
  { name: "a group is no permission", rules: reading(needs("staff")), as: staff, may: cannotRead },
  { name: "a clause without require", rules: reading(one({ rights: {} })), may: canRead },
  { name: "a clause with a match and no require", rules: reading(one({ groups: { match: "any" } })), may: canRead },
];

/** One subgroup: permissions and groups together. */
const subgroups: readonly AccessRow[] = (
  [
    [undefined, ["a"], ["staff"], {}, false],
    [undefined, ["a"], ["staff"], a, false],
    [undefined, ["a"], ["staff"], staff, false],
    [undefined, ["a"], ["staff"], { ...a, ...staff }, true],
    ["all", ["a"], ["staff"], a, false],
    ["all", ["a"], ["staff"], { ...a, ...staff }, true],
    ["any", ["a"], ["staff"], {}, false],
    ["any", ["a"], ["staff"], a, true],
    ["any", ["a"], ["staff"], staff, true],
    ["any", ["a"], ["staff"], { ...a, ...staff }, true],
    ["any", ["a", "b"], ["staff"], a, false],
    ["any", ["a", "b"], ["staff", "board"], { ...ab }, true],
    // An empty side is met by everybody and must not open the other one.
    ["any", ["a"], [], {}, false],
    ["any", ["a"], [], a, true],
    ["any", [], ["staff"], {}, false],
    ["any", [], ["staff"], staff, true],
    ["any", [], [], {}, true],
    ["all", ["a"], [], {}, false],
    ["all", [], ["staff"], staff, true],
    ["all", [], [], {}, true],
  ] as const
).map(([match, permissions, groups, as, met]) => {
  const sides = { rights: { require: permissions }, groups: { require: groups } };
  return {
    name: `a subgroup, match ${match}: permissions [${permissions}] and groups [${groups}], holds ${JSON.stringify(as)}`,
    rules: reading(one(match === undefined ? sides : { match, ...sides })),
    as,
    may: met ? canRead : cannotRead,
  };
});

/** One rule: several subgroups. */
const rules: readonly AccessRow[] = [
  { name: "a rule of no subgroups, all", rules: reading(everybody), may: canRead },
  { name: "a rule of no subgroups, any", rules: reading(nobody), as: ab, may: cannotRead },
  { name: "an empty subgroup is skipped, all", rules: reading(one({})), may: canRead },
  { name: "an empty subgroup is skipped, any", rules: reading(one({}, "any")), may: cannotRead },
  { name: "a subgroup with a match only, any", rules: reading(one({ match: "any" }, "any")), may: canRead },
  { name: "a subgroup with an unknown member only, any", rules: reading(one({ note: "x" }, "any")), may: canRead },
  ...(
    [
      ["all", ["a", "b"], ["a"], false],
      ["all", ["a", "b"], ["a", "b"], true],
      ["all", ["a", undefined], ["a"], true],
      ["all", ["a", undefined], [], false],
      ["any", ["a", "b"], ["b"], true],
      ["any", ["a", "b"], ["c"], false],
      ["any", ["a", undefined], [], false],
      ["any", ["a", undefined], ["a"], true],
      ["any", [undefined, undefined], ["a"], false],
      ["any", ["a", "b", "c"], ["c"], true],
    ] as const
  ).map(([match, subgroups, held, met]) => ({
    name: `subgroups [${subgroups.map((name) => name ?? "empty")}], ${match}, holds [${held}]`,
    rules: reading({
      match,
      match_groups: subgroups.map((name) => (name === undefined ? {} : { rights: { require: [name] } })),
    }),
    as: { permissions: held },
    may: met ? canRead : cannotRead,
  })),
  { name: "two rules, one is met", rules: { document: { read: [needs("a"), needs("b")] } }, as: a, may: cannotRead },
  { name: "two rules, both are met", rules: { document: { read: [needs("a"), needs("b")] } }, as: ab, may: canRead },
  { name: "a rule for everybody beside one", rules: { document: { read: [everybody, needs("a")] } }, may: cannotRead },
  { name: "members that nobody knows", rules: reading({ ...needs("a"), comment: [1] }), as: a, may: canRead },
];

/** Which rules are asked for which access. */
const types: readonly AccessRow[] = [
  { name: "no rules: everybody may everything", may: everything },
  { name: "no rules: with rights too", as: { ...ab, ...staff }, may: everything },
  ...(
    [
      [["read"], "move"],
      [["write"], "read move manage"],
      [["move"], "read write manage"],
      [["manage"], "read write move"],
      [["read", "write"], "move"],
      [["read", "move"], ""],
      [["read", "manage"], "move"],
      [["write", "move"], "read manage"],
      [["write", "manage"], "read move"],
      [["move", "manage"], "read write"],
      [["read", "write", "move"], ""],
      [["write", "move", "manage"], "read"],
      [["read", "write", "move", "manage"], ""],
    ] as const
  ).flatMap(([closed, may]): AccessRow[] => [
    {
      name: `rules that nobody meets for ${closed}`,
      rules: { document: Object.fromEntries(closed.map((type) => [type, [nobody]])) },
      may,
    },
    {
      name: `rules that everybody meets for ${closed}`,
      rules: { document: Object.fromEntries(closed.map((type) => [type, [everybody]])) },
      may: everything,
    },
  ]),
  {
    name: "each type has its own permission, one is held",
    rules: { document: { read: [needs("a")], write: [needs("b")], move: [needs("c")], manage: [needs("d")] } },
    as: { permissions: ["a", "d"] },
    may: "read manage",
  },
  {
    name: "write without read is nothing",
    rules: { document: { read: [needs("a")], write: [needs("b")] } },
    as: { permissions: ["b"] },
    may: "move",
  },
  { name: "a list without rules", rules: { document: { read: [] } }, may: everything },
];

/** What comes down from the folders above. */
const inheritance: readonly AccessRow[] = [
  ...(["inner", "outer"] as const).flatMap((place): AccessRow[] => [
    { name: `${place} closes reading`, rules: { [place]: { read: [nobody] } }, may: "move" },
    { name: `${place} closes writing`, rules: { [place]: { write: [nobody] } }, may: "read move manage" },
    { name: `${place} closes moving`, rules: { [place]: { move: [nobody] } }, may: "read write manage" },
    { name: `${place} closes managing`, rules: { [place]: { manage: [nobody] } }, may: "read write move" },
    { name: `${place} opens for all`, rules: { [place]: { read: [everybody] } }, may: everything },
    {
      name: `${place} keeps its rule to itself`,
      rules: { [place]: { read: [{ ...nobody, __subinherit__: false }] } },
      may: everything,
    },
    {
      name: `${place} says that its rule comes down`,
      rules: { [place]: { read: [{ ...nobody, __subinherit__: true }] } },
      may: "move",
    },
    {
      name: `${place} keeps one of two rules to itself`,
      rules: { [place]: { read: [{ ...nobody, __subinherit__: false }, needs("a")] } },
      may: "move",
    },
    {
      name: `${place} closes all, the document takes nothing`,
      rules: {
        [place]: { read: [nobody], write: [nobody], move: [nobody], manage: [nobody] },
        document: { read: [{ ...everybody, __noinherit__: "all" }] },
      },
      may: everything,
    },
    {
      name: `${place} closes all, the document does not take reading`,
      rules: {
        [place]: { read: [nobody], write: [nobody], move: [nobody], manage: [nobody] },
        document: { read: [{ ...everybody, __noinherit__: ["read"] }] },
      },
      may: "read",
    },
    {
      name: `${place} closes all, the document does not take reading and writing`,
      rules: {
        [place]: { read: [nobody], write: [nobody], move: [nobody], manage: [nobody] },
        document: { move: [{ ...everybody, __noinherit__: ["read", "write"] }] },
      },
      may: "read write",
    },
    {
      name: `${place} closes all, two rules of the document refuse different types`,
      rules: {
        [place]: { read: [nobody], write: [nobody], move: [nobody], manage: [nobody] },
        document: {
          read: [{ ...everybody, __noinherit__: ["read"] }],
          write: [{ ...everybody, __noinherit__: ["manage"] }],
        },
      },
      may: "read manage",
    },
    {
      name: `${place} closes reading, the document refuses nothing`,
      rules: { [place]: { read: [nobody] }, document: { read: [{ ...everybody, __noinherit__: [] }] } },
      may: "move",
    },
  ]),
  {
    name: "an open document in a closed folder stays closed",
    rules: { inner: { read: [needs("a")] }, document: { read: [everybody] } },
    may: "move",
  },
  {
    name: "an open folder in a closed one stays closed",
    rules: { outer: { read: [nobody] }, inner: { read: [everybody] } },
    may: "move",
  },
  {
    name: "each step asks for its own",
    rules: { outer: { read: [needs("a")] }, inner: { read: [needsGroup("staff")] }, document: { read: [needs("b")] } },
    as: { ...ab, ...staff },
    may: everything,
  },
  {
    name: "each step asks for its own, the middle one fails",
    rules: { outer: { read: [needs("a")] }, inner: { read: [needsGroup("staff")] }, document: { read: [needs("b")] } },
    as: ab,
    may: "move",
  },
  {
    name: "reading from above and writing here",
    rules: { outer: { read: [needs("a")] }, document: { write: [needs("b")] } },
    as: { permissions: ["b"] },
    may: "move",
  },
  {
    name: "a folder in between lets nothing through",
    rules: { outer: { read: [nobody] }, inner: { write: [{ ...everybody, __noinherit__: "all" }] } },
    may: everything,
  },
  {
    name: "a folder in between lets no reading through, and adds its own",
    rules: {
      outer: { read: [nobody], move: [nobody] },
      inner: { read: [{ ...needs("a"), __noinherit__: ["read"] }] },
    },
    as: a,
    may: "read write manage",
  },
  {
    name: "a folder in between keeps its rule to itself and still lets nothing through",
    rules: {
      outer: { read: [nobody] },
      inner: { read: [{ ...nobody, __subinherit__: false, __noinherit__: "all" }] },
    },
    may: everything,
  },
  {
    name: "the document's own rule counts though it does not come down",
    rules: { document: { read: [{ ...nobody, __subinherit__: false }] } },
    may: "move",
  },
  { name: "rules on what lies beside", rules: { beside: { read: [nobody], write: [nobody] } }, may: everything },
];

const blocks: readonly AccessRow[] = [
  ...(["read", "write", "move"] as const).flatMap((type): AccessRow[] => {
    const others = everything.replace(type, "").trim().replace("  ", " ");
    return [
      { name: `${type} is blocked on the document`, blocks: [{ on: "document", types: [type] }], may: others },
      { name: `${type} is blocked everywhere`, blocks: [{ on: "everywhere", types: [type] }], may: others },
      { name: `${type} is blocked on the folder`, blocks: [{ on: "inner", types: [type] }], may: everything },
      { name: `${type} is blocked beside`, blocks: [{ on: "beside", types: [type] }], may: everything },
      {
        name: `${type} is granted and blocked`,
        blocks: [{ on: "document", types: [type] }],
        grants: [{ on: "document", type }],
        may: others,
      },
    ];
  }),
  { name: "all is blocked", blocks: [{ on: "everywhere", types: ["read", "write", "move"] }], may: "manage" },
  {
    name: "two blocks",
    blocks: [
      { on: "document", types: ["read"] },
      { on: "everywhere", types: ["move"] },
    ],
    may: "write manage",
  },
  { name: "managing cannot be blocked", blocks: [{ on: "document", types: ["manage"] }], may: everything },
  { name: "another one's block", blocks: [{ on: "document", types: ["read"], ofAnother: true }], may: everything },
  { name: "a block that was lifted", blocks: [{ on: "document", types: ["read"], lifted: true }], may: everything },
  {
    name: "a block that ended",
    blocks: [{ on: "document", types: ["read"], ends: -1 }],
    may: everything,
  },
  { name: "a block that ends now", blocks: [{ on: "document", types: ["read"], ends: 0 }], may: everything },
  {
    name: "a block that has not ended",
    blocks: [{ on: "document", types: ["read"], ends: 1 }],
    may: "write move manage",
  },
  {
    name: "a block where a rule is met",
    rules: { document: { read: [needs("a")] } },
    as: a,
    blocks: [{ on: "document", types: ["read"] }],
    may: "write move manage",
  },
];

const closed = { read: [nobody], write: [nobody], move: [nobody], manage: [nobody] };
const grants: readonly AccessRow[] = [
  ...["read", "write", "move", "manage"].flatMap((type): AccessRow[] => [
    { name: `${type} is granted`, rules: { document: closed }, grants: [{ on: "document", type }], may: type },
    {
      name: `${type} is granted though a folder above is closed`,
      rules: { outer: closed },
      grants: [{ on: "document", type }],
      may: type,
    },
    { name: `${type} is granted on the folder`, rules: { outer: closed }, grants: [{ on: "inner", type }], may: "" },
    {
      name: `${type} is granted to a group of the user's`,
      rules: { document: closed },
      as: staff,
      grants: [{ on: "document", type, group: "staff" }],
      may: type,
    },
    {
      name: `${type} is granted to another group`,
      rules: { document: closed },
      as: staff,
      grants: [{ on: "document", type, group: "board" }],
      may: "",
    },
  ]),
  {
    name: "a grant to somebody else",
    rules: { document: closed },
    grants: [{ on: "document", type: "read", toAnother: true }],
    may: "",
  },
  { name: "a grant beside", rules: { document: closed }, grants: [{ on: "beside", type: "read" }], may: "" },
  {
    name: "two grants",
    rules: { document: closed },
    grants: [
      { on: "document", type: "read" },
      { on: "document", type: "move" },
    ],
    may: "read move",
  },
  ...(
    [
      [-10, undefined, true],
      [-10, 10, true],
      [0, undefined, true],
      [-10, 0, true],
      [-10, -1, false],
      [1, undefined, false],
      [10, 20, false],
    ] as const
  ).map(([starts, ends, active]) => ({
    name: `a grant from ${starts} s to ${ends ?? "ever"}`,
    rules: { document: closed },
    grants: [{ on: "document" as const, type: "read", starts, ...(ends === undefined ? {} : { ends }) }],
    may: active ? "read" : "",
  })),
  { name: "a grant where no rule is", grants: [{ on: "document", type: "read" }], may: everything },
];

export const accessTable: readonly AccessRow[] = [
  ...clauses,
  ...subgroups,
  ...rules,
  ...types,
  ...inheritance,
  ...blocks,
  ...grants,
];
