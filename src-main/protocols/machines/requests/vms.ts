import { PicketError } from "../../../base/errors.ts";
import type { vmRequests } from "../messages/vms.ts";
import { type Handlers, noTarget } from "./handler.ts";

const unknownMachine = async (): Promise<never> => {
  throw new PicketError("VM_NOT_FOUND");
};

/** No agent manages machines yet, so there is none that an id could name. */
export const vmHandlers: Handlers<keyof typeof vmRequests> = {
  "vm-control": { role: "operator", target: noTarget, handle: unknownMachine },
  "vnc-connect": { role: "operator", target: noTarget, handle: unknownMachine },
  "vnc-input": { role: "operator", target: noTarget, handle: unknownMachine },
};
