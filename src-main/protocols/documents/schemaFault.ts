import * as z from "zod/mini";
import { fail, type Result, succeed } from "../../base/result.ts";
import { type ActionName, type DataOf, documentActions, type RequestFault, withCanonicalNames } from "./messages.ts";

/** As much of a JSON Schema as faults are told in. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** Made when the first fault of an action is told: most are never asked for. */
const jsonSchemas = new Map<ActionName, JsonSchema>();

/** The data of an action with its aliases and defaults resolved; or what is wrong with it, in the words of JSON Schema. */
export function parseData<A extends ActionName>(action: A, data: unknown): Result<DataOf<A>, RequestFault> {
  const named = withCanonicalNames(action, data);
  const checked = z.safeParse(documentActions[action].data, named);
  if (checked.success) return succeed(checked.data as DataOf<A>);
  const [issue] = checked.error.issues;
  return fail(
    issue === undefined ? { message: "data: not valid", data: {} } : faultOf(issue, jsonSchemaOf(action), named),
  );
}

function jsonSchemaOf(action: ActionName): JsonSchema {
  const known = jsonSchemas.get(action);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(documentActions[action].data, { io: "input", unrepresentable: "any" }) as JsonSchema;
  jsonSchemas.set(action, made);
  return made;
}

function faultOf(issue: z.core.$ZodIssue, schema: JsonSchema, data: unknown): RequestFault {
  const { path } = issue;
  const last = path.at(-1);
  const holder = path.slice(0, -1);
  const where = schemaAt(schema, path);
  if (typeof last === "string" && !Object.hasOwn(Object(valueAt(data, holder)), last)) {
    return fault(`Missing required field: ${last}`, "required", schemaAt(schema, holder)?.required ?? [last]);
  }
  const what = path.length === 0 ? "data" : path.map(String).join(".");
  switch (issue.code) {
    case "invalid_type":
      return typeFault(what, where, issue.expected);
    case "too_small":
      return tooSmall(what, issue);
    case "too_big":
      return tooBig(what, issue);
    case "invalid_value":
      return fault(`${what}: one of ${issue.values.map(String).join(", ")} expected`, "enum", issue.values);
    case "unrecognized_keys":
      return fault(`Unexpected field: ${shortened(issue.keys[0])}`, "additionalProperties", false);
    case "invalid_format":
      return fault(`${what}: not of the form that is asked for`, "pattern", where?.["pattern"] ?? issue.format);
    case "invalid_union":
      return typeFault(what, where, undefined);
    case "custom":
      // A rule about several members says what is wrong in words of its own.
      if (path.length === 0) return { message: issue.message, data: {} };
      return fault(`${what}: not valid`, "type", where?.type ?? null);
    default:
      return fault(`${what}: not valid`, "type", where?.type ?? null);
  }
}

function tooSmall(what: string, { origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): RequestFault {
  const least = Number(minimum);
  if (origin === "string") return fault(`${what}: a length of at least ${least} expected`, "minLength", least);
  if (origin === "array") return fault(`${what}: at least ${least} items expected`, "minItems", least);
  return fault(`${what}: at least ${least} expected`, inclusive === false ? "exclusiveMinimum" : "minimum", least);
}

function tooBig(what: string, { origin, maximum, inclusive }: z.core.$ZodIssueTooBig): RequestFault {
  const most = Number(maximum);
  if (origin === "string") return fault(`${what}: a length of at most ${most} expected`, "maxLength", most);
  if (origin === "array") return fault(`${what}: at most ${most} items expected`, "maxItems", most);
  return fault(`${what}: at most ${most} expected`, inclusive === false ? "exclusiveMaximum" : "maximum", most);
}

function typeFault(what: string, schema: JsonSchema | undefined, expected: string | undefined): RequestFault {
  const types = typesOf(schema);
  const named = types.length > 0 ? types : [expected === "int" ? "integer" : (expected ?? "object")];
  return fault(`${what}: ${named.join(" or ")} expected`, "type", named.length === 1 ? named[0] : named);
}

function typesOf(schema: JsonSchema | undefined): string[] {
  const { type, anyOf = [] } = schema ?? {};
  const own = type === undefined ? [] : typeof type === "string" ? [type] : [...type];
  return [...new Set([...own, ...anyOf.flatMap(typesOf)])];
}

/** The schema of the value at a path; where alternatives differ, the first that knows the step. */
function schemaAt(schema: JsonSchema | undefined, path: readonly PropertyKey[]): JsonSchema | undefined {
  const [step, ...rest] = path;
  if (step === undefined || schema === undefined) return schema;
  for (const one of [schema, ...(schema.anyOf ?? [])]) {
    const { properties, items, additionalProperties } = one;
    const named = properties !== undefined && Object.hasOwn(properties, step) ? properties[String(step)] : undefined;
    const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
    const next = typeof step === "number" ? items : (named ?? others);
    if (next !== undefined) return schemaAt(next, rest);
  }
  return undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (Object(inner) as Record<PropertyKey, unknown>)[step], value);
}

function shortened(name = ""): string {
  return name.length <= 64 ? name : `${name.slice(0, 64)}…`;
}

function fault(message: string, validator: string, value: unknown): RequestFault {
  return { message, data: { validator, validator_value: value } };
}
