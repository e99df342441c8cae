import { fail, type Result, succeed } from "./result.ts";

export interface JsonFault {
  /** The first character that does not fit, counted from 0; the text's length when it ends too early. */
  readonly position: number;
}

/** Parses JSON and, where it is broken, says where. */
export function parseJson(text: string): Result<unknown, JsonFault> {
  try {
    return succeed(JSON.parse(text) as unknown);
  } catch {
    // The engine names a position for some faults only, and quotes the text: a peer's bytes have no business in a log.
    return fail({ position: faultPosition(text) });
  }
}

/** RFC 8259 forbids the control characters below a blank in a string; those above are allowed. */
const string = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/u.source;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.source;
const blanks = /[ \t\n\r]*/.source;
const token = new RegExp(`${blanks}(?:([{}[\\],:])|(${string})|(?:${number}|true|false|null))`, "yu");

/** What may come next: a value, a key, the colon behind it, or what stands behind a value. */
type Expected = "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "more";

/** Where the first token stands that JSON's grammar (RFC 8259) does not allow there. */
function faultPosition(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  let end = 0;
  for (;;) {
    const start = end + (/^[ \t\n\r]*/.exec(text.slice(end, end + 1024))?.[0].length ?? 0);
    token.lastIndex = end;
    const match = token.exec(text);
    if (match === null) return start;
    end = token.lastIndex;
    const next = step({ expected, open, mark: match[1], isString: match[2] !== undefined });
    if (next === undefined) return start;
    expected = next;
    if (open.length === 0 && expected === "more")
      return end + (text.slice(end).length - text.slice(end).trimStart().length);
  }
}

interface Step {
  readonly expected: Expected;
  /** The brackets that are open, outermost first. */
  readonly open: string[];
  /** A structural character; undefined for a string, number or word. */
  readonly mark: string | undefined;
  readonly isString: boolean;
}

/** What may come after this token; undefined when the token may not stand here. */
function step({ expected, open, mark, isString }: Step): Expected | undefined {
  const inside = open.at(-1);
  if (mark === undefined) {
    if (expected === "value" || expected === "valueOrEnd") return "more";
    return isString && (expected === "key" || expected === "keyOrEnd") ? "colon" : undefined;
  }
  const mayEnd = expected === "more" || expected === (inside === "{" ? "keyOrEnd" : "valueOrEnd");
  switch (mark) {
    case "{":
    case "[":
      if (expected !== "value" && expected !== "valueOrEnd") return undefined;
      open.push(mark);
      return mark === "{" ? "keyOrEnd" : "valueOrEnd";
    case "}":
    case "]":
      if (!mayEnd || inside !== (mark === "}" ? "{" : "[")) return undefined;
      open.pop();
      return "more";
    case ",":
      if (expected !== "more" || inside === undefined) return undefined;
      return inside === "{" ? "key" : "value";
    default:
      return expected === "colon" ? "value" : undefined;
  }
}
