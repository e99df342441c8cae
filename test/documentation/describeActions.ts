import { readFileSync } from "node:fs";
import { join } from "node:path";
import { auditActions } from "../../src-main/protocols/documents/messages/audit.ts";
import { authActions } from "../../src-main/protocols/documents/messages/auth.ts";
import { binActions } from "../../src-main/protocols/documents/messages/bin.ts";
import { blockActions } from "../../src-main/protocols/documents/messages/blocks.ts";
import { directoryActions } from "../../src-main/protocols/documents/messages/directories.ts";
import { documentActions as singleDocumentActions } from "../../src-main/protocols/documents/messages/documents.ts";
import { grantActions } from "../../src-main/protocols/documents/messages/grants.ts";
import { groupActions } from "../../src-main/protocols/documents/messages/groups.ts";
import { revisionActions } from "../../src-main/protocols/documents/messages/revisions.ts";
import { ruleActions } from "../../src-main/protocols/documents/messages/rules.ts";
import { serverActions } from "../../src-main/protocols/documents/messages/server.ts";
import { transferActions } from "../../src-main/protocols/documents/messages/transfers.ts";
import { twoFactorActions } from "../../src-main/protocols/documents/messages/twoFactor.ts";
import { usageActions } from "../../src-main/protocols/documents/messages/usage.ts";
import { userActions } from "../../src-main/protocols/documents/messages/users.ts";
import { type ActionName, documentActions } from "../../src-main/protocols/documents/messages.ts";
import { handlers } from "../../src-main/protocols/documents/requests/handlers.ts";
import { actionFacts, type DocumentedRefusal } from "./actionFacts.ts";
import { jsonSchemaOf, limitsOf, shapeOf } from "./describeSchema.ts";

interface Chapter {
  readonly title: string;
  /** Its file among the messages: what is said of an action stands above it there. */
  readonly file: string;
  readonly actions: object;
}

const chapters: readonly Chapter[] = [
  { title: "Server", file: "server", actions: serverActions },
  { title: "Signing in", file: "auth", actions: authActions },
  { title: "Second factor", file: "twoFactor", actions: twoFactorActions },
  { title: "Folders", file: "directories", actions: directoryActions },
  { title: "Documents", file: "documents", actions: singleDocumentActions },
  { title: "Revisions", file: "revisions", actions: revisionActions },
  { title: "Transfers", file: "transfers", actions: transferActions },
  { title: "Bin", file: "bin", actions: binActions },
  { title: "Storage", file: "usage", actions: usageActions },
  { title: "Users", file: "users", actions: userActions },
  { title: "Groups", file: "groups", actions: groupActions },
  { title: "Access rules", file: "rules", actions: ruleActions },
  { title: "Grants", file: "grants", actions: grantActions },
  { title: "Blocks", file: "blocks", actions: blockActions },
  { title: "Audit log", file: "audit", actions: auditActions },
];

/** Every action, as the schemas, the authorisation rows and the facts have it: a part of docs/protocols/documents.md. */
export function describeActions(): string {
  const described = chapters.flatMap(({ actions }) => Object.keys(actions));
  const forgotten = Object.keys(documentActions).filter((action) => !described.includes(action));
  if (forgotten.length > 0) throw new Error(`no chapter has ${forgotten.join(", ")}`);
  return chapters.map(describeChapter).join("\n\n");
}

function describeChapter({ title, file, actions }: Chapter): string {
  const path = join(import.meta.dirname, "../../src-main/protocols/documents/messages", `${file}.ts`);
  const comments = commentsIn(readFileSync(path, "utf8"));
  const names = Object.keys(actions) as ActionName[];
  return [`### ${title}`, ...names.map((name) => describeAction(name, comments.get(name)))].join("\n\n");
}

/** What stands above each action in the source of its messages. */
function commentsIn(source: string): ReadonlyMap<string, string> {
  const pattern = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(\w+): action\(/g;
  return new Map(
    Array.from(source.matchAll(pattern), ([, comment = "", name = ""]) => [
      name,
      comment
        .split("\n")
        .map((line) => line.replace(/^\s*\*?\s?/, "").trim())
        .filter((line) => line !== "")
        .join(" "),
    ]),
  );
}

function describeAction(name: ActionName, comment: string | undefined): string {
  if (comment === undefined) throw new Error(`${name} has no comment above it`);
  const { success, refusals } = actionFacts[name];
  const result = shapeOf(jsonSchemaOf(documentActions[name].result, "output"));
  const answer = success.map((message) => `"${message}"`).join(" or ");
  return [
    `#### \`${name}\``,
    comment,
    describeData(name),
    [
      `- For: ${describeWho(name)}`,
      `- 200 ${answer}${result === "{}" ? "" : ` \`${result}\``}`,
      ...(refusals.length === 0 ? [] : [`- Refused: ${refusals.map(describeRefusal).join("; ")}`]),
    ].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function describeData(name: ActionName): string {
  const { data, aliases } = documentActions[name];
  const { properties = {}, required = [] } = jsonSchemaOf(data, "input");
  const rows = Object.entries(properties).map(([field, schema]) => {
    const others = Object.entries(aliases).flatMap(([alias, canonical]) => (canonical === field ? [alias] : []));
    const notes = [
      ...limitsOf(schema),
      ...(schema.default === undefined ? [] : [`\`${JSON.stringify(schema.default)}\` when left out`]),
      ...(others.length === 0 ? [] : [`also ${others.map((alias) => `\`${alias}\``).join(", ")}`]),
    ];
    const shape = shapeOf(schema).replaceAll("|", "\\|");
    return `| \`${field}${required.includes(field) ? "" : "?"}\` | \`${shape}\` | ${notes.join(", ")} |`;
  });
  return rows.length === 0 ? "" : ["| field | type | |", "|---|---|---|", ...rows].join("\n");
}

function describeWho(name: ActionName): string {
  const { needs } = actionFacts[name];
  const row = handlers[name];
  const duringLockdown = row.lockdownOpen === true ? "; also during a lockdown" : "";
  return `${whoOf(row, needs)}${duringLockdown}`;
}

function whoOf(row: (typeof handlers)[ActionName], needs: string | undefined): string {
  if (row.access === "open") return needs ?? "everybody";
  if (row.access === "either" || typeof row.permission === "function") {
    if (needs === undefined) throw new Error("who may do it depends, and the facts do not say on what");
    return row.access === "either" ? needs : `who is signed in: ${needs}`;
  }
  const wanted = [
    ...(row.permission === undefined ? [] : [`\`${row.permission}\``]),
    ...(needs === undefined ? [] : [needs]),
  ];
  return wanted.length === 0 ? "everybody who is signed in" : `who is signed in, with ${wanted.join(" and ")}`;
}

function describeRefusal([code, message, when]: DocumentedRefusal): string {
  return `${code} "${message}"${when === undefined ? "" : ` (${when})`}`;
}
