import { ByteRing } from "../../base/byteRing.ts";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { type Channel, channelWindows } from "../../wire/channels/channel.ts";
import { headerLength } from "../../wire/channels/frame.ts";
import { wireLimits } from "../../wire/connection.ts";

/** The scroll-back: what can be shown again after a link broke. */
export const outputCapacity = 256 * 1024;
/**
 * With so much that a reader has not confirmed, a source that waits for it is stopped. Below the capacity, so that all
 * of it can be sent again when the link breaks at this moment.
 */
const pauseAt = 176 * 1024;
/** Output goes out at once after so long a silence, in milliseconds; in a stream it is gathered for about as long. */
const gatherTime = 2;
/** … or as soon as this much is there. */
const gatherBytes = 48 * 1024;

/** The process whose output is logged. */
export interface OutputSource {
  pause(): void;
  resume(): void;
}

export interface Reader {
  readonly channel: Channel;
  /** The offset of the next byte to send. */
  offset: number;
  /** Whether the source waits for this reader. Otherwise a slow reader skips what it missed. */
  readonly lossless: boolean;
  /** The process has ended and everything was sent. Called once. */
  readonly finished: () => void;
}

/**
 * The output of a process: its last bytes, and whoever reads them over a channel. A single keystroke's echo leaves at
 * once; a flood leaves in frames of tens of kilobytes, because each frame costs the same on its whole way.
 */
export class OutputLog {
  readonly #clock: Clock;
  readonly #source: OutputSource;
  readonly #ring = new ByteRing(outputCapacity);
  readonly #readers = new Set<Reader>();
  #flushTimer: Disposable | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #flushedEnd = 0;
  #paused = false;
  #ended = false;

  constructor(clock: Clock, source: OutputSource) {
    this.#clock = clock;
    this.#source = source;
  }

  /** How many bytes there ever were. */
  get end(): number {
    return this.#ring.end;
  }

  /** The offset of the oldest byte that can still be read. */
  get start(): number {
    return this.#ring.start;
  }

  append(bytes: Uint8Array): void {
    this.#ring.append(bytes);
    if (this.#readers.size === 0) return;
    if (this.#ring.end - this.#flushedEnd >= gatherBytes) {
      this.#flush();
    } else if (this.#flushTimer === undefined) {
      const silence = this.#clock.monotonicTime() - this.#flushedAt;
      if (silence >= gatherTime) this.#flush();
      else this.#flushTimer = this.#clock.schedule(gatherTime, () => this.#flush());
    }
    this.#pauseOrResume();
  }

  /** Starts sending to a channel, first what is still kept from the reader's offset on. */
  attach(reader: Reader): void {
    reader.offset = Math.min(Math.max(reader.offset, this.#ring.start), this.#ring.end);
    this.#readers.add(reader);
    this.#send(reader);
    this.#pauseOrResume();
  }

  detach(reader: Reader): void {
    this.#readers.delete(reader);
    this.#pauseOrResume();
  }

  /** The reader has confirmed bytes, or its channel takes more again. */
  writable(reader: Reader): void {
    this.#send(reader);
    this.#pauseOrResume();
  }

  /** The process has printed its last byte. */
  sourceEnded(): void {
    this.#ended = true;
    this.#flush();
  }

  dispose(): void {
    this.#flushTimer?.dispose();
    this.#readers.clear();
  }

  #flush(): void {
    this.#flushTimer?.dispose();
    this.#flushTimer = undefined;
    this.#flushedAt = this.#clock.monotonicTime();
    this.#flushedEnd = this.#ring.end;
    for (const reader of this.#readers) this.#send(reader);
    this.#pauseOrResume();
  }

  #send(reader: Reader): void {
    const { channel } = reader;
    if (reader.offset < this.#ring.start) reader.offset = this.#ring.start;
    for (;;) {
      const length = Math.min(this.#ring.end - reader.offset, channel.writableBytes, wireLimits.maxFrameBody);
      if (length === 0) break;
      const framed = new Uint8Array(headerLength + length);
      this.#ring.copy(reader.offset, length, { bytes: framed, at: headerLength });
      reader.offset += length;
      channel.writeFramed(framed);
    }
    if (this.#ended && reader.offset === this.#ring.end && this.#readers.delete(reader)) reader.finished();
  }

  #pauseOrResume(): void {
    let behind = 0;
    for (const reader of this.#readers) if (reader.lossless) behind = Math.max(behind, this.#behind(reader));
    const pause = this.#paused ? behind > pauseAt * 0.75 : behind > pauseAt;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#source.pause();
    else this.#source.resume();
  }

  /** How much of the log the reader may still need. A peer with a large window confirms too rarely to wait for it. */
  #behind({ offset, channel }: Reader): number {
    const unread = this.#ring.end - offset;
    return channel.sendWindow <= channelWindows.terminal ? unread + channel.unconfirmedBytes : unread;
  }
}
