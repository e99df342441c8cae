import { maskSecrets } from "../../base/maskSecrets.ts";

const secretName = /pass|pwd|secret|token|api_?key|private|credential|auth|_key$|^key$|dsn|connection_?string/i;
/** `scheme://user:password@host` */
const passwordInUrl = /(\b[a-z][\w+.-]*:\/\/[^\s/:@]*:)[^\s/@]+(@)/gi;
/** `NAME=value`, as the environment of a container is listed. */
const assignment = /^([^=]{1,256})=([\s\S]*)$/;
const mask = "‹masked›";

/** What an engine says of a container, without the values that look like secrets: of variables, labels and URLs. */
export function maskContainerDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return maskSecrets(masked(details) as Readonly<Record<string, unknown>>);
}

function masked(value: unknown): unknown {
  if (typeof value === "string") return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === "string" && inner !== "" && secretName.test(name) ? mask : masked(inner),
    ]),
  );
}

function maskedText(text: string): string {
  const [, name, value] = assignment.exec(text) ?? [];
  if (name !== undefined && value !== "" && secretName.test(name)) return `${name}=${mask}`;
  return text.replace(passwordInUrl, `$1${mask}$2`);
}
