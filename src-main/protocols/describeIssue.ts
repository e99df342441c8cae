import type * as z from "zod/mini";

/** The first thing that is wrong with a value, as `path: what`. For the details of an error message. */
export function describeIssue(error: z.core.$ZodError, root: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return `${root}: not valid`;
  const path = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return `${root}${path}: ${describe(issue)}`;
}

/** By the issue's code: the library's own texts come with its locales, which nothing here loads. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === undefined ? "not valid" : `${issue.expected} expected`;
    case "too_small":
      return `at least ${String(issue.minimum)} expected`;
    case "too_big":
      return `at most ${String(issue.maximum)} expected`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")} expected`;
    case "unrecognized_keys":
      return `unknown key ${issue.keys.join(", ")}`;
    default:
      return "not valid";
  }
}
