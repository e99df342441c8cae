import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeActions } from "./describeActions.ts";

const file = join(import.meta.dirname, "../../docs/protocols/documents.md");
const begin = "<!-- Generated from here on: npm run fix -->";
const end = "<!-- Up to here -->";

/** The page about the documents protocol as it stands, and as the program would have it. */
export function readDocumentsPage(): { readonly written: string; readonly generated: string } {
  const written = readFileSync(file, "utf8");
  const [front, rest] = written.split(begin);
  const [, back] = rest?.split(end) ?? [];
  if (front === undefined || back === undefined) throw new Error(`${file} has lost its markers`);
  return { written, generated: `${front}${begin}\n\n${describeActions()}\n\n${end}${back}` };
}

export function writeDocumentsPage(): void {
  writeFileSync(file, readDocumentsPage().generated);
}
