import { PicketError } from "../../../base/errors.ts";
import type { OpenRoom as CoreOpenRoom } from "../../../core/rooms/rooms.ts";
import type { RoomInfo } from "../../../core/rooms/roomTokens.ts";
import type { OpenRoom, Room, roomRequests } from "../messages/rooms.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

/** One answer must fit one text message. */
const mostRooms = 2_000;
const mostMembers = 2_000;

export const roomHandlers: Handlers<keyof typeof roomRequests> = {
  "room-create": {
    role: "administrator",
    target: noTarget,
    audit: ({ name, maxClients }) => ({ target: name ?? "", details: { maxClients } }),
    async handle({ name, maxClients, expiresIn }, context) {
      requireEverything(context);
      const { info, token } = await context.core.roomTokens.create({
        name,
        maxClients: maxClients ?? undefined,
        expiresIn: expiresIn ?? undefined,
        createdBy: context.principal.username,
      });
      return { token, room: viewRoom(info, 0) };
    },
  },
  "room-list": {
    role: "administrator",
    target: noTarget,
    async handle(_, context) {
      requireEverything(context);
      const { roomTokens, rooms } = context.core;
      const all = await roomTokens.list();
      return { rooms: all.slice(0, mostRooms).map((info) => viewRoom(info, rooms.countIn(info.id))) };
    },
  },
  "room-revoke": {
    role: "administrator",
    target: noTarget,
    audit: ({ roomId }) => ({ target: roomId }),
    async handle({ roomId }, context) {
      requireEverything(context);
      await context.core.roomTokens.revoke(roomId);
      return {};
    },
  },
  "room-members": {
    role: "operator",
    target: noTarget,
    async handle({ roomId }, context) {
      requireEverything(context);
      const open = context.core.rooms.open().filter(({ id }) => roomId === undefined || id === roomId);
      return { rooms: viewOpenRooms(open.slice(0, mostRooms)) };
    },
  },
};

/** A room belongs to no node group: only who sees all groups may know of it. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}

function viewRoom(info: RoomInfo, clients: number): Room {
  return {
    roomId: info.id,
    name: info.name ?? null,
    maxClients: info.maxClients ?? null,
    clients,
    createdBy: info.createdBy,
    createdAt: info.createdAt,
    expiresAt: info.expiresAt ?? null,
    revokedAt: info.revokedAt ?? null,
  };
}

function viewOpenRooms(rooms: readonly CoreOpenRoom[]): OpenRoom[] {
  let left = mostMembers;
  return rooms.map(({ id, name, sessionId, members }) => {
    const listed = members.slice(0, left);
    left -= listed.length;
    return {
      roomId: id,
      name: name ?? null,
      sessionId,
      clients: members.length,
      members: listed.map(({ id: memberId, address, joinedAt, relayed }) => ({
        memberId,
        address,
        joinedAt,
        relayed,
      })),
    };
  });
}
