import type { serverActions } from "../messages/server.ts";
import { protocolVersion } from "../messages.ts";
import type { Handlers } from "./handler.ts";

export const serverHandlers: Handlers<keyof typeof serverActions> = {
  server_info: {
    access: "open",
    lockdownOpen: true,
    async handle(_, { core, about }) {
      return {
        message: "Server information retrieved successfully",
        data: {
          server_name: about.serverName,
          version: about.version,
          protocol_version: protocolVersion,
          lockdown: core.documents.lockdown.active,
        },
      };
    },
  },
  register_listener: {
    access: "open",
    lockdownOpen: true,
    async handle(_, { session }) {
      session.listen();
      return { message: "Registered as a listener", data: {} };
    },
  },
  shutdown: {
    access: "user",
    permission: "shutdown",
    async handle(_, { about, session }) {
      session.afterAnswer(about.shutdown);
      return { message: "Server is shutting down", data: {} };
    },
  },
  lockdown: {
    access: "user",
    permission: "apply_lockdown",
    denied: "Access denied",
    async handle({ status, persist }, { core, user }) {
      await core.documents.lockdown.set(status, user.username, persist === undefined ? {} : { persist });
      return { message: "Success", data: {} };
    },
  },
};
