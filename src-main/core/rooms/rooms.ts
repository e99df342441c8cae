import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { RoomMember, RoomSeat } from "./roomMember.ts";
import type { RoomInfo, RoomTokens } from "./roomTokens.ts";

export interface RoomsOptions {
  readonly tokens: RoomTokens;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** One who is in a room, for lists. */
export interface RoomMemberInfo {
  readonly id: string;
  readonly address: string;
  readonly joinedAt: number;
  /** How many of its messages were handed on. */
  readonly relayed: number;
}

/** A room with somebody in it. */
export interface OpenRoom {
  readonly id: string;
  readonly name: string | undefined;
  readonly sessionId: string;
  readonly members: readonly RoomMemberInfo[];
}

interface Room {
  readonly info: RoomInfo;
  readonly sessionId: string;
  readonly seats: Map<RoomMember, Seat>;
}

/** How often the rooms are looked through for tokens that have run out meanwhile. */
const sweepInterval = 10_000;

/**
 * The relay's rules: a room is the live connections that showed the same token. It begins with the first of them and
 * ends with the last; nothing of it is stored.
 */
export class Rooms implements Disposable {
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #owned = new DisposableStore();
  #sweep: Disposable | undefined;
  /** How many tokens were revoked so far: a token that was looked up before the last one is looked up again. */
  #revocations = 0;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#owned.add(
      options.bus.subscribe("room-revoked", ({ roomId }) => {
        this.#revocations += 1;
        this.#end(roomId, "the room's token was revoked");
      }),
    );
  }

  /** How many are in rooms now. */
  get memberCount(): number {
    let count = 0;
    for (const { seats } of this.#rooms.values()) count += seats.size;
    return count;
  }

  /** The rooms with somebody in them. */
  open(): OpenRoom[] {
    return [...this.#rooms.values()].map(({ info, sessionId, seats }) => ({
      id: info.id,
      name: info.name,
      sessionId,
      members: [...seats.values()].map((seat) => seat.info),
    }));
  }

  /** How many are in this room now. */
  countIn(roomId: string): number {
    return this.#rooms.get(roomId)?.seats.size ?? 0;
  }

  /** @throws {PicketError} `INVALID_TOKEN`, `ROOM_FULL` */
  async join(member: RoomMember, token: string): Promise<RoomSeat> {
    const { tokens, clock } = this.#options;
    let info: RoomInfo | undefined;
    for (let seen = -1; seen !== this.#revocations; ) {
      seen = this.#revocations;
      info = await tokens.check(token);
    }
    if (info === undefined) throw new PicketError("INVALID_TOKEN", { message: "This token opens no room." });
    const room = this.#rooms.get(info.id) ?? { info, sessionId: randomUUID(), seats: new Map<RoomMember, Seat>() };
    if (info.maxClients !== undefined && room.seats.size >= info.maxClients) throw new PicketError("ROOM_FULL");
    const seat = new Seat({ room, member, joinedAt: clock.wallTime(), left: () => this.#left(room, member) });
    room.seats.set(member, seat);
    this.#rooms.set(info.id, room);
    this.#sweep ??= clock.repeat(sweepInterval, () => this.#endExpired());
    this.#changed(info.id);
    return seat;
  }

  /** Forgets every room; the connections are their protocol's to close. */
  dispose(): void {
    this.#owned.dispose();
    this.#rooms.clear();
    this.#stopSweeping();
  }

  #left(room: Room, member: RoomMember): void {
    if (!room.seats.delete(member)) return;
    const { id } = room.info;
    // A room of the same token that was opened since is another one.
    if (room.seats.size === 0 && this.#rooms.get(id) === room) this.#rooms.delete(id);
    if (this.#rooms.size === 0) this.#stopSweeping();
    this.#changed(id);
  }

  #endExpired(): void {
    const now = this.#options.clock.wallTime();
    for (const { info } of [...this.#rooms.values()]) {
      if (info.expiresAt !== undefined && info.expiresAt <= now) this.#end(info.id, "the room's token has expired");
    }
  }

  /** Sends everybody out. */
  #end(roomId: string, reason: string): void {
    const members = [...(this.#rooms.get(roomId)?.seats.values() ?? [])];
    for (const seat of members) {
      seat.leave();
      seat.member.dismiss(new PicketError("INVALID_TOKEN", { message: reason }));
    }
  }

  #stopSweeping(): void {
    this.#sweep?.dispose();
    this.#sweep = undefined;
  }

  #changed(roomId: string): void {
    this.#options.bus.publish("room-changed", { roomId });
  }
}

interface SeatOptions {
  readonly room: Room;
  readonly member: RoomMember;
  readonly joinedAt: number;
  readonly left: () => void;
}

class Seat implements RoomSeat {
  readonly member: RoomMember;
  readonly #options: SeatOptions;
  readonly #id = randomUUID();
  #relayed = 0;

  constructor(options: SeatOptions) {
    this.member = options.member;
    this.#options = options;
  }

  get roomId(): string {
    return this.#options.room.info.id;
  }

  get sessionId(): string {
    return this.#options.room.sessionId;
  }

  get info(): RoomMemberInfo {
    const { joinedAt } = this.#options;
    return { id: this.#id, address: this.member.address, joinedAt, relayed: this.#relayed };
  }

  get hasCompany(): boolean {
    const { seats } = this.#options.room;
    return seats.size > (seats.has(this.member) ? 1 : 0);
  }

  relay(text: string): void {
    const { seats } = this.#options.room;
    if (!seats.has(this.member)) return;
    this.#relayed += 1;
    // A copy: one who is dropped because of this message leaves while it is handed on.
    for (const other of [...seats.keys()]) if (other !== this.member) other.receive(text);
  }

  leave(): void {
    this.#options.left();
  }
}
