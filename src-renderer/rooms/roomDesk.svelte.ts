import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { Platform } from "../platform/platform.ts";
import { JoinedRoom } from "./joinedRoom.svelte.ts";

const mostRooms = 8;

/** The rooms that this console is in, one of them in front. */
export class RoomDesk implements Disposable {
  readonly #platform: Platform;
  readonly #owned = new DisposableStore();
  #rooms = $state.raw<readonly JoinedRoom[]>([]);
  #front = $state<number | undefined>();
  #nextId = 1;

  constructor(platform: Platform) {
    this.#platform = platform;
    const retry = (): void => {
      for (const room of this.#rooms) if (room.status.kind === "waiting") room.retryNow();
    };
    this.#owned.add(platform.onNetworkBack(retry));
    this.#owned.add(platform.visible.onChange((now) => now && retry()));
  }

  get rooms(): readonly JoinedRoom[] {
    return this.#rooms;
  }

  /** The room in front. */
  get front(): JoinedRoom | undefined {
    return this.#rooms.find(({ id }) => id === this.#front) ?? this.#rooms.at(-1);
  }

  get isFull(): boolean {
    return this.#rooms.length >= mostRooms;
  }

  /** Enters a room, or brings it to the front when this console is in it already. */
  join(relay: string, token: string): void {
    const known = this.#rooms.find((room) => room.isOf(relay, token));
    if (known !== undefined) this.show(known);
    if (known !== undefined || this.isFull) return;
    const platform = this.#platform;
    const id = this.#nextId;
    this.#nextId += 1;
    const room = new JoinedRoom({
      id,
      relay,
      token,
      clock: platform.clock,
      dial: (attach) => platform.dialRelay(relay, attach),
    });
    this.#rooms = [...this.#rooms, room];
    this.#front = id;
  }

  show(room: JoinedRoom): void {
    this.#front = room.id;
  }

  leave(room: JoinedRoom): void {
    room.dispose();
    this.#rooms = this.#rooms.filter((one) => one !== room);
  }

  /** Leaves every room. */
  dispose(): void {
    this.#owned.dispose();
    for (const room of this.#rooms) room.dispose();
    this.#rooms = [];
  }
}
