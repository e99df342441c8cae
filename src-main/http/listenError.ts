import { PicketError } from "../base/errors.ts";

/** Why an address cannot be listened on, in one sentence. */
export function listenError(
  error: NodeJS.ErrnoException,
  at: { readonly port?: number; readonly host?: string; readonly path?: string },
): PicketError {
  const where = at.path ?? `${at.host}:${at.port}`;
  const why =
    error.code === "EADDRINUSE"
      ? "another program listens there already"
      : error.code === "EACCES"
        ? "this user may not listen there"
        : error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND"
          ? "this machine has no such address"
          : error.message;
  return new PicketError("PORT_IN_USE", { message: `Cannot listen on ${where}: ${why}.`, cause: error });
}
