import type { AdministrationDesk } from "../../../documents/administrationDesk.ts";

/** A documents server that says whether it is locked down. */
export interface LockableDesk extends AdministrationDesk {
  readonly lockdown: boolean;
}
