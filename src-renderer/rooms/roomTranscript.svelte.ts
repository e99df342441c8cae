/** What happened in a room, as whoever commands in it sees it. */
export interface RoomEvent {
  readonly id: number;
  /** When it was sent or came, on this device's clock: messages of rooms carry no time. */
  readonly time: number;
  /** `sent` from here, `asked` by another device, `result` of any device; the others say what the link did. */
  readonly kind: "sent" | "asked" | "result" | "joined" | "lost" | "refused";
  /** Bytes of anybody: shown as text and as nothing else. */
  readonly text: string;
}

const mostEvents = 500;
const mostCharacters = 4_000_000;

/** The newest events of a room; the oldest go when there is too much of them. */
export class RoomTranscript {
  #events = $state.raw<readonly RoomEvent[]>([]);
  #characters = 0;
  #nextId = 1;

  get events(): readonly RoomEvent[] {
    return this.#events;
  }

  add(kind: RoomEvent["kind"], text: string, time: number): void {
    const events = [...this.#events, { id: this.#nextId, time, kind, text }];
    this.#nextId += 1;
    this.#characters += text.length;
    while (events.length > mostEvents || (this.#characters > mostCharacters && events.length > 1)) {
      this.#characters -= events.shift()?.text.length ?? 0;
    }
    this.#events = events;
  }

  clear(): void {
    this.#events = [];
    this.#characters = 0;
  }
}
