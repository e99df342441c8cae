import assert from "node:assert/strict";
import { isActionName } from "../../src-main/protocols/documents/messages.ts";
import { actionFacts } from "./actionFacts.ts";

/** What every action can be answered with: the table of codes in docs/protocols/documents.md. */
const general: readonly (readonly [code: number, message: RegExp])[] = [
  [401, /^(Authentication required|Invalid user or token|Token expired)$/],
  [409, /^Something of that name exists there$/],
  [500, /^Internal server error$/],
  [999, /^lockdown$/],
];

/** That this is an answer of which docs/protocols/documents.md says that this action has it. */
export function requireDocumented(
  action: string,
  { code, message, data }: { readonly code: number; readonly message: string; readonly data: object },
): void {
  if (!isActionName(action) || (code === 400 && "validator" in data)) return;
  const { success, refusals } = actionFacts[action];
  const known =
    (code === 200 && success.includes(message)) ||
    refusals.some(([refused, text]) => refused === code && patternOf(text).test(message)) ||
    general.some(([refused, text]) => refused === code && text.test(message));
  assert.ok(known, `documents.md does not say that ${action} is answered ${code} "${message}"`);
}

/** A documented message, with anything where it has a stand-in, and the details in brackets that may follow. */
function patternOf(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/…|\bX\b|\bY\b|\bMIN\b|\bMAX\b/g, ".*");
  return new RegExp(`^${escaped}( \\(.*\\))?$`, "s");
}
