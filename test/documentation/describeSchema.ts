import * as z from "zod/mini";

/** As much of a JSON Schema as the actions use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export function jsonSchemaOf(schema: z.ZodMiniType, io: "input" | "output"): JsonSchema {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema;
}

/** The shape of a value, as TypeScript would write it. */
export function shapeOf(schema: JsonSchema): string {
  const { type, properties, items, additionalProperties, required = [] } = schema;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(shapeOf))].join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (Array.isArray(type)) return type.map((one: string) => shapeOf({ ...schema, type: one })).join(" | ");
  switch (type) {
    case "integer":
      return "int";
    case "array": {
      const item = shapeOf(items ?? {});
      return isUnion(items ?? {}) ? `(${item})[]` : `${item}[]`;
    }
    case "object": {
      if (typeof additionalProperties === "object") return `{ [name]: ${shapeOf(additionalProperties)} }`;
      const members = Object.entries(properties ?? {}).map(
        ([name, member]) => `${name}${required.includes(name) ? "" : "?"}: ${shapeOf(member)}`,
      );
      return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
    }
    case undefined:
      return "any";
    default:
      return String(type);
  }
}

function isUnion({ anyOf, oneOf, enum: values, type }: JsonSchema): boolean {
  return [anyOf, oneOf, values, Array.isArray(type) ? type : undefined].some((list) => (list?.length ?? 0) > 1);
}

/** How large or small a value may be, in words; empty when that is not said. */
export function limitsOf(schema: JsonSchema): readonly string[] {
  const { minimum, maximum, minLength = 0, maxLength, minItems = 0, maxItems } = schema;
  const own: string[] = [];
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) own.push(`at least ${minimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) own.push(`at most ${maximum}`);
  if (minLength > 0) own.push("not empty");
  if (maxLength !== undefined) own.push(`at most ${maxLength} characters`);
  if (minItems > 0) own.push(`at least ${minItems}`);
  if (maxItems !== undefined) own.push(`at most ${maxItems}`);
  return [...own, ...new Set((schema.anyOf ?? []).flatMap(limitsOf))];
}
