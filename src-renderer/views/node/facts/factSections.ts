/** One thing that is known: its name among the facts, and what stands beside it. */
export interface Fact {
  readonly key: string;
  readonly value: unknown;
}

/** Facts that belong together: each with its name, or many of a kind as the rows of a table. */
export type FactSection =
  | { readonly kind: "list"; readonly key: string; readonly facts: readonly Fact[] }
  | {
      readonly kind: "table";
      readonly key: string;
      readonly columns: readonly string[];
      readonly rows: readonly Readonly<Record<string, unknown>>[];
    };

type Facts = Readonly<Record<string, unknown>>;

/** What is known first is what is asked for most; what this console does not know comes last. */
const order = ["os", "hardware", "cpu", "memory", "agent"];
/** A node may tell what it likes; a page has an end. */
const mostFacts = 100;
const mostRows = 200;
const mostColumns = 12;

/** The facts of a machine in the order in which a page shows them. Whatever their shape, something can be shown. */
export function factSections(facts: Facts): FactSection[] {
  const { collected_at: _, ...parts } = facts;
  const machine: Fact[] = [];
  const sections: FactSection[] = [];
  for (const [key, value] of Object.entries(parts).slice(0, mostFacts)) {
    if (isRecord(value)) sections.push({ kind: "list", key, facts: flatten(value) });
    else if (isTable(value)) sections.push(tableOf(key, value));
    else machine.push({ key, value });
  }
  const place = ({ key }: FactSection): number => (order.includes(key) ? order.indexOf(key) : order.length);
  sections.sort((one, other) => place(one) - place(other));
  return machine.length === 0 ? sections : [{ kind: "list", key: "machine", facts: machine }, ...sections];
}

function flatten(record: Facts, depth = 3): Fact[] {
  return Object.entries(record)
    .flatMap(([key, value]) => (isRecord(value) && depth > 1 ? flatten(value, depth - 1) : [{ key, value }]))
    .slice(0, mostFacts);
}

function tableOf(key: string, records: readonly Facts[]): FactSection {
  const rows = records.slice(0, mostRows);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, mostColumns);
  return { kind: "table", key, columns, rows };
}

function isRecord(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is readonly Facts[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord);
}
