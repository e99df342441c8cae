import type { terminalRequests } from "../messages/terminals.ts";
import { type Handlers, noTarget } from "./handler.ts";

/** The session looks the machine up itself: an unknown one is `VM_NOT_FOUND` here, whatever it is elsewhere. */
export const terminalHandlers: Handlers<keyof typeof terminalRequests> = {
  "terminal-connect": {
    role: "operator",
    target: noTarget,
    async handle(params, { session }) {
      await session.connectTerminal(params);
      return { vmId: params.vmId };
    },
  },
  "terminal-input": {
    role: "operator",
    target: noTarget,
    async handle({ vmId, input }, { session }) {
      session.terminalInput(vmId, input);
      return {};
    },
  },
  "terminal-resize": {
    role: "operator",
    target: noTarget,
    async handle(params, { session }) {
      session.resizeTerminal(params);
      return {};
    },
  },
  "terminal-disconnect": {
    role: "operator",
    target: noTarget,
    async handle({ vmId }, { session }) {
      session.disconnectTerminal(vmId);
      return {};
    },
  },
};
