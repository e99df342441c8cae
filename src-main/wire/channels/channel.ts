import { ByteQueue } from "../../base/byteQueue.ts";
import { wireLimits } from "../connection.ts";
import type { ChannelMux } from "./channelMux.ts";
import { dataFrame, endFrame, type Frame, frameType, headerLength, renumber, resetCode, windowFrame } from "./frame.ts";

export const channelWindows = {
  /** What a side lets the other send before it must grant again. */
  initial: 1024 * 1024,
  /** Terminals: what was sent and not seen when a link breaks must fit the scroll-back that is replayed. */
  terminal: 128 * 1024,
  /** No peer is granted more than this at a time, whatever it asks for: the bound of a splice's memory. */
  maximum: 1024 * 1024,
} as const;

export interface ChannelReset {
  readonly code: number;
  readonly reason: string;
}

/** What the owner of a channel does with what arrives. */
export interface ChannelHandler {
  /** Bytes of the other side. The owner calls `consumed` when its sink has taken them. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** The other side took bytes and allows more. */
  writable(): void;
  /** The channel is gone; `reset` says why when it did not end in order. Called once. */
  closed(reset: ChannelReset | undefined): void;
}

/** A step that runs when the stream has been sent up to an offset. */
interface Step {
  readonly at: number;
  run(): void;
}

/**
 * One byte stream in both directions on a connection that many share: credit windows, half close, reset. It is either
 * an end, which reads and writes bytes, or spliced to a channel of another connection, which passes frames on unread.
 */
export class Channel {
  readonly id: number;
  #handler: ChannelHandler | undefined;
  /** What came before anybody was attached: the first bytes may stand in the same packet as the answer to the open. */
  #early: Frame[] = [];
  #closedListeners: (() => void)[] = [];
  readonly #mux: ChannelMux;
  readonly #queue = new ByteQueue();
  #steps: Step[] = [];
  /** How many bytes ever left for the network. */
  #sentBytes = 0;
  /** How much the other side allows to be sent now. Meaningless once spliced: the far end's window holds then. */
  #sendCredit = 0;
  #sendWindow = 0;
  /** How much the other side may still send. */
  #receiveCredit: number;
  #consumed = 0;
  #ending = false;
  #sentEnd = false;
  #receivedEnd = false;
  #closed = false;
  #partner: Channel | undefined;

  constructor(mux: ChannelMux, id: number, receiveWindow: number) {
    this.#mux = mux;
    this.id = id;
    this.#receiveCredit = Math.min(receiveWindow, channelWindows.maximum);
  }

  /** The receive window that this side announces when the channel is opened. */
  get receiveWindow(): number {
    return this.#receiveCredit;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How much may be written before `write` says no. */
  get writableBytes(): number {
    return Math.max(0, this.#sendCredit - this.#queue.length);
  }

  /** Starts delivering to `handler`, first what came already. */
  attach(handler: ChannelHandler): void {
    if (this.#closed) {
      handler.closed(undefined);
      return;
    }
    this.#handler = handler;
    this.#deliverEarly();
  }

  /** Calls `listener` once when the channel is gone, whoever it is attached to. */
  whenClosed(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closedListeners.push(listener);
  }

  /** How much the other side allowed at first. */
  get sendWindow(): number {
    return this.#sendWindow;
  }

  /** How much was sent and may not have been taken yet. */
  get unconfirmedBytes(): number {
    return Math.max(0, this.#sendWindow - this.#sendCredit);
  }

  /** The other side opened or accepted the channel and allows this much. */
  opened(sendWindow: number): void {
    this.#sendWindow = sendWindow;
    this.#sendCredit = sendWindow;
  }

  /**
   * Sends bytes, now or when there is credit.
   *
   * @returns false when nothing more should be written until the handler's `writable`
   */
  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#ending) return false;
    if (bytes.length > 0) {
      this.#queue.append(bytes);
      this.#mux.pump(this);
    }
    return this.writableBytes > 0;
  }

  /** Like `write`, for bytes that stand behind `headerLength` free bytes: the header is put there, nothing is copied. */
  writeFramed(framed: Uint8Array): boolean {
    const length = framed.length - headerLength;
    const direct = this.#queue.length === 0 && length <= this.#sendCredit && length <= wireLimits.maxFrameBody;
    if (this.#closed || this.#ending || !direct || !this.#mux.hasRoom) return this.write(framed.subarray(headerLength));
    this.#sendCredit -= length;
    framed[0] = frameType.data;
    this.#sendFrame(framed);
    return this.writableBytes > 0;
  }

  /** Runs `step` when everything written before it is on its way: a result must not overtake the last bytes. */
  afterQueued(step: () => void): void {
    if (this.#queue.length === 0 && this.#steps.length === 0) step();
    else this.#steps.push({ at: this.#sentBytes + this.#queue.length, run: step });
  }

  /** Says that this side sends no more, after what is queued. */
  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.afterQueued(() => this.#sendEnd());
  }

  /** The sink has taken this many bytes: the other side may send as many again. */
  consumed(bytes: number): void {
    if (this.#closed || this.#receivedEnd) return;
    this.#consumed += bytes;
    // One grant per quarter of the window, not one per chunk.
    if (this.#consumed < (this.#receiveCredit + this.#consumed) >> 2) return;
    this.#receiveCredit += this.#consumed;
    this.#mux.send(windowFrame(this.id, this.#consumed));
    this.#consumed = 0;
  }

  /** Ends the channel at once, both ways. */
  reset(code: number, reason: string): void {
    if (this.#closed) return;
    this.#mux.sendReset(this.id, code, reason);
    this.#close({ code, reason });
  }

  /**
   * Joins two open channels of two connections: what arrives on one leaves on the other, unread. Windows pass through,
   * so the memory between is bounded by them. The other channel was opened with the window that this one's far side
   * allows; here this one takes over what the other's far side allows.
   */
  splice(other: Channel): void {
    this.#partner = other;
    other.#partner = this;
    this.#receiveCredit = Math.min(other.#sendCredit, channelWindows.maximum);
    this.#deliverEarly();
    other.#deliverEarly();
    if (this.#closed) other.reset(resetCode.peerLost, "peer lost");
    if (other.#closed) this.reset(resetCode.peerLost, "peer lost");
  }

  /** A frame of this channel arrived; `bytes` is the same frame as it came. For the mux only. */
  received(frame: Frame, bytes: Uint8Array): void {
    switch (frame.type) {
      case frameType.data:
        this.#receivedData(frame, bytes);
        break;
      case frameType.window:
        this.#receivedWindow(frame.bytes);
        break;
      case frameType.end:
        if (this.#receivedEnd) return;
        this.#receivedEnd = true;
        this.#deliver(frame);
        break;
      case frameType.reset:
        this.#close({ code: frame.code, reason: frame.reason });
        break;
    }
  }

  /** The connection is gone. For the mux only. */
  lost(reason: string): void {
    this.#close({ code: resetCode.peerLost, reason });
  }

  /** Sends the next frame if credit allows; false when there is nothing to send now. For the mux only. */
  sendNext(): boolean {
    const credit = this.#partner === undefined ? this.#sendCredit : Number.POSITIVE_INFINITY;
    const untilStep = (this.#steps[0]?.at ?? Number.POSITIVE_INFINITY) - this.#sentBytes;
    const length = Math.min(this.#queue.length, credit, untilStep, wireLimits.maxFrameBody);
    if (length > 0) {
      if (this.#partner === undefined) this.#sendCredit -= length;
      this.#sendFrame(dataFrame(this.id, this.#queue.take(length)));
    }
    return this.#runDueSteps() || length > 0;
  }

  #sendFrame(frame: Uint8Array): void {
    renumber(frame, this.id);
    this.#sentBytes += frame.length - headerLength;
    this.#mux.send(frame);
  }

  #runDueSteps(): boolean {
    const due = this.#steps[0];
    if (due === undefined || due.at > this.#sentBytes) return false;
    this.#steps.shift();
    due.run();
    return true;
  }

  #receivedData(frame: Extract<Frame, { type: typeof frameType.data }>, bytes: Uint8Array): void {
    const { length } = frame.body;
    if (this.#receivedEnd || length > this.#receiveCredit) {
      this.reset(resetCode.windowExceeded, "more data than the window allows");
      return;
    }
    this.#receiveCredit -= length;
    if (this.#partner === undefined) this.#deliver(frame);
    else this.#partner.#forward(bytes, frame.body);
  }

  #deliver(frame: Frame): void {
    if (this.#partner === undefined && this.#handler === undefined) {
      this.#early.push(frame);
    } else if (frame.type === frameType.data) {
      if (this.#partner === undefined) this.#handler?.data(frame.body);
      else this.#partner.write(frame.body);
    } else {
      if (this.#partner === undefined) this.#handler?.ended();
      else this.#partner.end();
      this.#closeIfBothEnded();
    }
  }

  #deliverEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#deliver(frame);
  }

  /** Passes a frame on. The credit was checked where it came in, so here it only waits for its turn. */
  #forward(frame: Uint8Array, body: Uint8Array): void {
    if (this.#queue.length === 0 && this.#mux.hasRoom) {
      this.#sendFrame(frame);
      return;
    }
    this.#queue.append(body);
    this.#mux.pump(this);
  }

  #receivedWindow(bytes: number): void {
    if (this.#partner !== undefined) {
      this.#partner.#grantOn(bytes, this.#queue.length);
      return;
    }
    // A window can only ever hold what the field can say; more is a peer that counts wrongly, to nobody's harm.
    this.#sendCredit = Math.min(this.#sendCredit + bytes, 0xffffffff);
    this.#mux.pump(this);
    this.#handler?.writable();
  }

  /** Passes a grant on, as far as it does not let more pile up here than one window. */
  #grantOn(bytes: number, waiting: number): void {
    const room = channelWindows.maximum - this.#receiveCredit - waiting;
    const granted = Math.min(bytes, Math.max(0, room));
    if (granted === 0 || this.#receivedEnd) return;
    this.#receiveCredit += granted;
    this.#mux.send(windowFrame(this.id, granted));
  }

  #sendEnd(): void {
    if (this.#closed) return;
    this.#sentEnd = true;
    this.#mux.send(endFrame(this.id));
    this.#closeIfBothEnded();
  }

  #closeIfBothEnded(): void {
    if (this.#sentEnd && this.#receivedEnd) this.#close(undefined);
  }

  #close(reset: ChannelReset | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.clear();
    this.#steps = [];
    this.#mux.forget(this, reset !== undefined);
    const partner = this.#partner;
    this.#partner = undefined;
    if (partner !== undefined && reset !== undefined) partner.reset(reset.code, reset.reason);
    const handler = this.#handler;
    this.#handler = undefined;
    this.#early = [];
    for (const listener of this.#closedListeners) listener();
    this.#closedListeners = [];
    handler?.closed(reset);
  }
}
