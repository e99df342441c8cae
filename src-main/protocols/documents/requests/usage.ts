import type { usageActions } from "../messages/usage.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { mayManageSystem } from "./objects.ts";

export const usageHandlers: Handlers<keyof typeof usageActions> = {
  storage_usage: {
    access: "user",
    async handle(_, context) {
      const { usage } = context.core.documents;
      const { bytes, revisions } = await usage.of(context.user.username);
      return {
        message: "Success",
        data: {
          used: bytes,
          revisions,
          limit: limitOf(usage.limits.perUser),
          file_limit: limitOf(usage.limits.perFile),
          ...(mayManageSystem(context) ? { server: await serverUsage(context) } : {}),
        },
      };
    },
  },
};

async function serverUsage({ core }: UserContext) {
  const { usage } = core.documents;
  const [disk, users] = await Promise.all([usage.disk(), usage.users()]);
  return {
    stored: disk.bytes,
    files: disk.files,
    damaged: disk.damaged,
    free: disk.freeBytes,
    total: disk.totalBytes,
    users: users.map(({ user, bytes, revisions }) => ({ username: user, used: bytes, revisions })),
  };
}

function limitOf(bytes: number): number | null {
  return bytes === 0 ? null : bytes;
}
