import { PicketError } from "../../base/errors.ts";

/** What user names are made of: they stand in logs, in the audit and in shells. */
const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;
/** Groups are only shown: anything that is seen, and no space at either end. */
const groupPattern = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,64}(?<! )$/u;

/** @throws {PicketError} `NAME_INVALID` */
export function requireUsername(name: string): void {
  if (!usernamePattern.test(name)) throw new PicketError("NAME_INVALID", { details: "user name" });
}

/** @throws {PicketError} `NAME_INVALID` */
export function requireGroupName(name: string): void {
  if (!groupPattern.test(name)) throw new PicketError("NAME_INVALID", { details: "group name" });
}
