import type { Disposable } from "../../base/disposable.ts";
import { describeError, type PicketError, toPicketError } from "../../base/errors.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import type { RoomMember, RoomSeat } from "../../core/rooms/roomMember.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import {
  acceptedMessage,
  type DeviceMessage,
  deviceCountMessage,
  heartbeatMessage,
  parseDeviceMessage,
  refusedMessage,
} from "./messages.ts";
import type { RoomsServices } from "./server.ts";

/** A connection gets this long to say which room it wants. */
const initTimeout = 10_000;
/** A client that lets more than this pile up unread is dropped: nobody waits for it. */
const maxUnsent = 4 * 1024 * 1024;
/** What comes while the token is looked up. Reading is paused then, so it is one read of the network at most. */
const maxEarly = 4_096;
/** A device may send what nobody knows as often as it likes; the log gets so many lines of it. Per second. */
const warnings = { rate: 0.2, burst: 10 };
/** Two that answer each other's heartbeats would never come to an end: above this they are not answered. Per second. */
const answers = { rate: 1, burst: 20 };

/** The core's side of one device's connection: docs/protocols/rooms.md. */
export class RoomSession implements ConnectionHandler, RoomMember {
  readonly #connection: Connection;
  readonly #services: RoomsServices;
  readonly #warnings: TokenBucket;
  readonly #answers: TokenBucket;
  #timer: Disposable | undefined;
  /** What the device said while its token was looked up; undefined when it is not being looked up. */
  #early: string[] | undefined;
  #seat: RoomSeat | undefined;
  #closed = false;

  constructor(connection: Connection, services: RoomsServices) {
    this.#connection = connection;
    this.#services = services;
    this.#warnings = new TokenBucket(services.clock, warnings);
    this.#answers = new TokenBucket(services.clock, answers);
    this.#timer = services.clock.schedule(initTimeout, () => this.#refuse("No init came within 10 s."));
  }

  get address(): string {
    return this.#connection.peer.address;
  }

  text(message: string): void {
    // A device that was refused may go on talking until it answers the close.
    if (!this.#connection.isOpen) return;
    if (this.#early !== undefined) this.#wait(message);
    else if (this.#seat === undefined) this.#onFirst(message);
    else this.#onMessage(message, this.#seat);
  }

  binary(): void {
    if (!this.#connection.isOpen) return;
    if (this.#seat === undefined) this.#refuse("The first message must be init.");
    else this.#warn("a binary message");
  }

  drained(): void {}

  closed(): void {
    this.#closed = true;
    this.#timer?.dispose();
    this.#early = undefined;
    this.#leave();
    this.#services.forget(this);
  }

  receive(text: string): void {
    if (this.#connection.bufferedBytes <= maxUnsent) {
      this.#connection.sendText(text);
      return;
    }
    this.#services.logger.warn("a slow client was dropped from its room", { room: this.#seat?.roomId });
    // A close frame would wait behind everything that the client does not read.
    this.#leave();
    this.#connection.terminate();
  }

  dismiss(error: PicketError): void {
    this.#seat = undefined;
    this.#refuse(error.message);
  }

  /** The relay's own heartbeat, for those who are in a room. */
  heartbeat(): void {
    if (this.#seat !== undefined && this.#connection.isOpen) this.receive(heartbeatMessage);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  #wait(message: string): void {
    this.#early?.push(message);
    if ((this.#early?.length ?? 0) <= maxEarly) return;
    this.#early = [];
    this.#connection.close(closeCode.policyViolation, "too much before the answer to init");
  }

  #onFirst(message: string): void {
    const parsed = this.#parse(message);
    if (parsed?.cmd === "init") void this.#join(parsed.token);
    else this.#refuse("The first message must be init, with a token.");
  }

  async #join(token: string): Promise<void> {
    const { rooms, logger } = this.#services;
    this.#timer?.dispose();
    this.#early = [];
    this.#connection.pauseReading();
    try {
      const seat = await rooms.join(this, token);
      // The connection may have closed while the database was asked.
      if (this.#closed || !this.#connection.isOpen) seat.leave();
      else this.#take(seat);
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (error.code === "INTERNAL_ERROR") logger.error("joining a room failed", { error: describeError(thrown) });
      else logger.warn("a client was let into no room", { peer: this.address, code: error.code });
      this.#early = undefined;
      this.#refuse(error.message, error.retryable ? "later" : undefined);
    } finally {
      if (!this.#closed) this.#connection.resumeReading();
    }
  }

  #take(seat: RoomSeat): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#seat = seat;
    this.#services.logger.info("a client joined a room", { room: seat.roomId, peer: this.address });
    this.#send(acceptedMessage(seat.sessionId));
    for (const message of early) this.text(message);
  }

  #onMessage(message: string, seat: RoomSeat): void {
    const parsed = this.#parse(message);
    if (parsed === undefined) return;
    switch (parsed.cmd) {
      case "init":
        this.#warn("an init of a client that is in a room");
        break;
      case "Heartbeat":
        if (this.#answers.take()) this.#send(heartbeatMessage);
        break;
      case "checkDevice":
        this.#send(deviceCountMessage(seat.hasCompany));
        break;
      case "execute":
        seat.relay(message);
        break;
      case "execute_result":
        if (parsed.hasData) seat.relay(message);
        else this.#warn("an execute_result without data");
        break;
    }
  }

  #parse(message: string): DeviceMessage | undefined {
    const parsed = parseDeviceMessage(message);
    if (!parsed.ok) {
      this.#warn(parsed.error);
      return undefined;
    }
    this.#services.trace?.("<-", parsed.value);
    return parsed.value;
  }

  #send(text: string): void {
    if (this.#services.trace !== undefined) this.#services.trace("->", JSON.parse(text) as object);
    this.receive(text);
  }

  #refuse(message: string, reason?: "later"): void {
    this.#timer?.dispose();
    this.#send(refusedMessage(message, reason));
    this.#connection.close(closeCode.policyViolation, message);
  }

  #leave(): void {
    const seat = this.#seat;
    this.#seat = undefined;
    if (seat === undefined) return;
    seat.leave();
    this.#services.logger.info("a client left its room", { room: seat.roomId, peer: this.address });
  }

  #warn(what: string): void {
    if (!this.#warnings.take()) return;
    this.#services.logger.warn("a message was dropped", { room: this.#seat?.roomId, peer: this.address, what });
  }
}
