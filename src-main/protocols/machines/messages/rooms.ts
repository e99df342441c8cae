import * as z from "zod/mini";
import { done, name, request, time, whole } from "./define.ts";

const room = z.object({
  roomId: z.string(),
  name: z.nullable(z.string()),
  /** Null: any number. */
  maxClients: z.nullable(z.number()),
  /** How many are in it now. */
  clients: z.number(),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: z.nullable(time),
  revokedAt: z.nullable(time),
});
export type Room = z.infer<typeof room>;

const openRoom = z.object({
  roomId: z.string(),
  name: z.nullable(z.string()),
  /** The name of the room's life: another one after it was empty. */
  sessionId: z.string(),
  /** How many are in it, also when not all are listed. */
  clients: z.number(),
  members: z.array(z.object({ memberId: z.string(), address: z.string(), joinedAt: time, relayed: z.number() })),
});
export type OpenRoom = z.infer<typeof openRoom>;

export const roomRequests = {
  /** The text of the token is in this answer and nowhere else. `expiresIn` is in milliseconds; null: never. */
  "room-create": request(
    z.object({
      name: z.optional(name(128)),
      maxClients: z.prefault(z.nullable(whole(1, 100_000)), null),
      expiresIn: z.prefault(z.nullable(whole(1_000, 10 * 366 * 86_400_000)), 7 * 86_400_000),
    }),
    z.object({ token: z.string(), room }),
  ),
  "room-list": request(z.object({}), z.object({ rooms: z.array(room) })),
  "room-revoke": request(z.object({ roomId: name(64) }), done),
  /** Who is in the rooms, or in one of them. Of very many the first are listed. */
  "room-members": request(z.object({ roomId: z.optional(name(64)) }), z.object({ rooms: z.array(openRoom) })),
};

export const roomPushes = {
  /** A room was made or revoked, or somebody came or left. */
  "rooms-changed": z.object({}),
};
