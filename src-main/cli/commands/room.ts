import type { Room } from "../../protocols/machines/messages/rooms.ts";
import type { CommandContext } from "../commandContext.ts";
import { credentialCommand } from "../credentialCommand.ts";
import { isoTime } from "../isoTime.ts";
import { withLocalCore } from "../localCore.ts";
import { readDuration } from "../readDuration.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usageError.ts";

const usage = "picket room create [--name N] [--max-clients N] [--expires 7d|never] | list | revoke ID";

export const roomCommand = credentialCommand({
  noun: "room",
  usage,
  create,
  list,
  revoke: (client, id) => client.request("room-revoke", { roomId: id }),
});

async function create({ invocation, configuration, print, say }: CommandContext): Promise<number> {
  const { name, expires, json, "max-clients": most } = invocation.options;
  const maxClients = most === undefined ? undefined : Number(most);
  if (maxClients !== undefined && (!Number.isInteger(maxClients) || maxClients < 1))
    throw new UsageError(`--max-clients must be a whole number from 1, not "${most}"`);
  const expiresIn = expires === undefined ? undefined : readDuration(`${expires}`);
  const { token, room } = await withLocalCore(configuration.dataFolder, (client) =>
    client.request("room-create", {
      ...(name === undefined ? {} : { name: `${name}` }),
      ...(maxClients === undefined ? {} : { maxClients }),
      ...(expiresIn === undefined ? {} : { expiresIn }),
    }),
  );
  if (json === true) {
    print(`${JSON.stringify({ id: room.roomId, token })}\n`);
  } else {
    print(`${token}\n`);
    const places = room.maxClients === null ? "any number of clients" : `${room.maxClients} client(s)`;
    const until = room.expiresAt === null ? "never expires" : `until ${isoTime(room.expiresAt)}`;
    say(`room ${room.roomId}, for ${places}, ${until}`);
  }
  return 0;
}

async function list({ invocation, configuration, print }: CommandContext): Promise<number> {
  const { rooms } = await withLocalCore(configuration.dataFolder, (client) => client.request("room-list", {}));
  if (invocation.options["json"] === true) {
    print(`${JSON.stringify(rooms.map(plain))}\n`);
    return 0;
  }
  const now = Date.now();
  const lines = rooms.map((room) => [
    room.roomId,
    room.name ?? "",
    room.maxClients === null ? `${room.clients}` : `${room.clients}/${room.maxClients}`,
    isoTime(room.expiresAt) ?? "never",
    room.revokedAt !== null ? "revoked" : room.expiresAt !== null && room.expiresAt <= now ? "expired" : "in force",
  ]);
  print(formatTable(["ID", "NAME", "CLIENTS", "EXPIRES", "STATE"], lines));
  return 0;
}

function plain(room: Room) {
  return {
    id: room.roomId,
    name: room.name,
    max_clients: room.maxClients,
    clients: room.clients,
    created_by: room.createdBy,
    created_at: isoTime(room.createdAt),
    expires_at: isoTime(room.expiresAt),
    revoked_at: isoTime(room.revokedAt),
  };
}
