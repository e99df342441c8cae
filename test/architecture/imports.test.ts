import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

/** One row of the import table: which files it speaks of and what they may import. */
interface Row {
  readonly files: RegExp;
  /** Paths inside the project, from its root. */
  readonly inside: readonly RegExp[];
  /** Packages and Node's own modules. */
  readonly packages: RegExp;
}

const none = /^$/;
const node = /^node:/;
/** Runs in the browser too: no module of Node's. */
const neutral = /^zod\/mini$/;
const wireNeutral = /^src-main\/wire\/(?!node\/)/;

/**
 * Which file may import which: the house. The first row that fits a file is its row; a file without a row fails. Where a
 * new file belongs nowhere, the house needs a room for it, not the table an exception.
 */
const table: readonly Row[] = [
  { files: /^src-main\/base\//, inside: [/^src-main\/base\//], packages: none },
  { files: /^src-main\/host\//, inside: [/^src-main\/(base|host)\//], packages: node },
  { files: /^src-main\/wire\/node\//, inside: [/^src-main\/(base|wire)\//], packages: /^(node:.*|ws)$/ },
  { files: /^src-main\/wire\//, inside: [/^src-main\/base\//, wireNeutral], packages: none },
  // What two protocols' halves share: counters and words, no message of either.
  { files: /^src-main\/protocols\/[^/]+\.ts$/, inside: [/^src-main\/base\//], packages: neutral },
  // The documents client is larger than one file. Servers that exist encrypt downloads with AES in a mode that browsers
  // do not have: the block cipher is a package's.
  {
    files: /^src-main\/protocols\/documents\/(client\.ts|client\/.*)$/,
    inside: [/^src-main\/base\//, wireNeutral, /^src-main\/protocols\/(documents\/(messages|client\/)|[^/]+\.ts$)/],
    packages: /^(zod\/mini|@noble\/ciphers\/aes\.js|@noble\/hashes\/(sha2|utils)\.js)$/,
  },
  ...["nodes", "rooms", "documents", "machines", "monitoring"].flatMap((name): Row[] => {
    const own = new RegExp(`^src-main/protocols/(${name}/|[^/]+\\.ts$)`);
    const messages = new RegExp(`^src-main/protocols/(${name}/(messages|metrics|capabilities)|[^/]+\\.ts$)`);
    return [
      // The peer's half and everything it needs run in the renderer as well.
      {
        files: new RegExp(`^src-main/protocols/${name}/(messages\\.ts|messages/.*|metrics\\.ts|capabilities\\.ts)$`),
        inside: [/^src-main\/base\//, messages],
        packages: neutral,
      },
      {
        files: new RegExp(`^src-main/protocols/${name}/client\\.ts$`),
        inside: [/^src-main\/base\//, wireNeutral, messages],
        packages: neutral,
      },
      {
        files: new RegExp(`^src-main/protocols/${name}/`),
        inside: [own, /^src-main\/(base|core)\//, wireNeutral],
        packages: /^(node:(crypto|util)|zod\/mini)$/,
      },
    ];
  }),
  { files: /^src-main\/bus\//, inside: [/^src-main\/(base|bus)\//], packages: none },
  {
    files: /^src-main\/store\//,
    inside: [/^src-main\/(base|store)\//],
    packages: /^(node:(events|sqlite|worker_threads)|kysely(\/migration)?)$/,
  },
  // Whatever goes out to other people's servers goes out from here, and nowhere else in the core.
  {
    files: /^src-main\/core\/notifications\//,
    inside: [/^src-main\/(base|bus|core|store)\//],
    packages: /^(node:(crypto|fs|http|https|path)|kysely|nodemailer)$/,
  },
  {
    files: /^src-main\/core\//,
    inside: [/^src-main\/(base|bus|core|host|store)\//],
    packages: /^(node:(crypto|fs|os|path|zlib)|kysely|jose|otplib|@node-rs\/argon2)$/,
  },
  // The certificate that the core makes for itself.
  {
    files: /^src-main\/http\/certificate\//,
    inside: [/^src-main\/(base|core|http)\//],
    packages: /^(node:.*|@peculiar\/asn1-(schema|x509))$/,
  },
  {
    files: /^src-main\/http\//,
    inside: [/^src-main\/(base|core|http|wire)\//],
    packages: /^(node:.*|fastify|@fastify\/static|zod\/mini)$/,
  },
  {
    files: /^src-main\/agent\//,
    inside: [
      /^src-main\/(agent|base|host|wire)\//,
      /^src-main\/protocols\/(\w+\/(client|messages(\/\w+)?|metrics)|describeIssue|containerShapes)\.ts$/,
    ],
    packages: /^(node:.*|dockerode|node-pty|systeminformation|yaml|zod\/mini)$/,
  },
  {
    files: /^src-main\/console\//,
    inside: [/^src-main\/(base|console|wire)\//, /^src-main\/protocols\/\w+\/(client|messages)/],
    packages: /^(node:.*|keytar\/keytar\.js)$/,
  },
  {
    files: /^src-main\/cli\//,
    inside: [/^src-main\/(base|cli|host|wire)\//, /^src-main\/protocols\/\w+\/(client\.ts|messages)/],
    packages: /^(node:.*|yaml)$/,
  },
  { files: /^src-main\/desktop\//, inside: [/^src-main\/(base|console|desktop)\//], packages: /^(electron|node:.*)$/ },
  { files: /^src-main\/version\.ts$/, inside: [/^package\.json$/], packages: none },
  {
    files: /^src-main\/(assemble\w*|headless)\.ts$/,
    inside: [/^src-main\/(?!desktop\/)/],
    packages: node,
  },
  { files: /^src-main\/main\.ts$/, inside: [/^src-main\//], packages: /^(electron|node:.*)$/ },
  {
    files: /^src-renderer\//,
    inside: [
      /^src-renderer\//,
      /^src-main\/base\//,
      wireNeutral,
      /^src-main\/protocols\/\w+\/(client\.ts|client\/|messages)/,
    ],
    packages: /^(svelte(\/.*)?|uplot|@xterm\/.*|uqr|zod\/mini)(\/.*)?$/,
  },
  { files: /^vite\.config\.ts$/, inside: [], packages: /^(node:url|vite|@sveltejs\/vite-plugin-svelte)$/ },
  { files: /^scripts\//, inside: [/^scripts\//], packages: node },
  { files: /^test\//, inside: [/./], packages: /./ },
];

const root = normalize(join(import.meta.dirname, "../.."));

test("every import is one that the import table allows", () => {
  const files = ["src-main", "src-renderer", "scripts", "test"].flatMap(sourceFiles).concat("vite.config.ts");
  assert.ok(files.length > 100, "the files were found");
  const faults = files.flatMap((file) => {
    const row = table.find(({ files: pattern }) => pattern.test(file));
    if (row === undefined) return [`${file}: no row of the import table covers this file`];
    return importsOf(file).flatMap((specifier) => {
      const inside = specifier.startsWith(".");
      const target = inside ? normalize(join(dirname(file), specifier.replace(/\?.*$/, ""))) : specifier;
      const allowed = inside ? row.inside.some((pattern) => pattern.test(target)) : row.packages.test(target);
      return allowed ? [] : [`${file} may not import ${target}`];
    });
  });
  assert.deepEqual(faults, []);
});

test("what runs in the browser uses no global of Node's", () => {
  const neutralFiles = sourceFiles("src-main").filter(
    (file) => /\/(base|wire)\//.test(file) && !file.includes("/wire/node/"),
  );
  const faults = neutralFiles.filter((file) =>
    /\b(Buffer|process|setImmediate|require|__dirname)\b[.(]/.test(code(file)),
  );
  assert.deepEqual(faults, []);
});

test("there are no barrels: no file only passes on what others export", () => {
  const faults = sourceFiles("src-main").filter((file) => /^export .* from /m.test(code(file)));
  assert.deepEqual(faults, []);
});

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !name.includes("node_modules"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^"'`;]*?from\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  ];
  return patterns.flatMap((pattern) => Array.from(code(file).matchAll(pattern), ([, specifier]) => specifier ?? ""));
}

/** The file without its comments: a path in a sentence is no import. */
function code(file: string): string {
  return readFileSync(join(root, file), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
}
