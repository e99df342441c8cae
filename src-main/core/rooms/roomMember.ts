import type { PicketError } from "../../base/errors.ts";

/** Who is in a room, as the room sees it: somebody at the other end of some connection. */
export interface RoomMember {
  /** Where it came from; for lists and logs. */
  readonly address: string;
  /** Gets what another member sent, unchanged. Must not block, and must not throw. */
  receive(text: string): void;
  /** The room's token is no longer in force: the member must go. It has left already. */
  dismiss(error: PicketError): void;
}

/** A place in a room, from the moment of joining until `leave`. */
export interface RoomSeat {
  readonly roomId: string;
  /** Names the life of the room: the same for all in it, another one after it was empty. */
  readonly sessionId: string;
  /** Whether anybody else is in the room now. */
  readonly hasCompany: boolean;
  /** Hands a text to every other member, never to this one and never to another room. */
  relay(text: string): void;
  /** Leaves; doing so twice is the same as once. */
  leave(): void;
}
