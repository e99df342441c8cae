import { PicketError } from "../../base/errors.ts";

interface Failure {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly statusCode?: unknown;
  readonly message?: unknown;
  readonly json?: unknown;
}

const unreachable = new Set(["ENOENT", "ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "ECONNRESET"]);

/** What an engine's refusal, or its silence, is called here. */
export function engineFailure(thrown: unknown, address: string): PicketError {
  if (thrown instanceof PicketError) return thrown;
  const { code, name, statusCode } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Failure;
  const said = words(thrown);
  const details = said === "" ? {} : { details: said };
  if (statusCode === 404) return new PicketError("CONTAINER_NOT_FOUND", { ...details, cause: thrown });
  if (name === "AbortError") return new PicketError("TIMEOUT", { details: "the container engine does not answer" });
  if (code === "EACCES" || code === "EPERM") {
    const why = `the agent's user may not open ${address}`;
    return new PicketError("CONTAINER_ENGINE_MISSING", { details: why, cause: thrown });
  }
  if (typeof code === "string" && unreachable.has(code)) {
    return new PicketError("CONTAINER_ENGINE_MISSING", { details: `nothing answers at ${address}`, cause: thrown });
  }
  return new PicketError("CONTAINER_ENGINE_FAILED", { ...details, cause: thrown });
}

/** Whether the engine says that it is so already: a container that runs is started once more. */
export function isAlreadySo(thrown: unknown): boolean {
  return (thrown as Failure | undefined)?.statusCode === 304;
}

/** The engine's own words, without the status that its client puts before them. */
function words(thrown: unknown): string {
  const { json, message } = (thrown ?? {}) as Failure;
  const own = (json as { readonly message?: unknown } | null | undefined)?.message;
  const said = typeof own === "string" ? own : typeof message === "string" ? message : String(thrown);
  return said
    .replace(/^\(HTTP code \d+\) [^-]{0,64} - /, "")
    .trim()
    .slice(0, 1024);
}
