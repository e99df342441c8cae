import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { NotificationChannel } from "../../../../src-main/protocols/machines/messages/notifications.ts";
import type { Link } from "../../../state/link.svelte.ts";
import {
  type ChannelFaults,
  type ChannelFields,
  channelFieldsOf,
  channelSaveOf,
  type SecretName,
} from "./channelFields.ts";

/** The form that makes a notification channel, or changes one. */
export class ChannelForm {
  readonly #link: Link;
  /** Undefined: a new one. */
  readonly channel: NotificationChannel | undefined;
  readonly fields: ChannelFields;
  #tried = $state(false);
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();

  /** @param language what a new channel speaks */
  constructor(link: Link, channel: NotificationChannel | undefined, language: NotificationChannel["language"]) {
    this.#link = link;
    this.channel = channel;
    this.fields = $state(channelFieldsOf(channel, language));
  }

  readonly #read = $derived.by(() => channelSaveOf(this.fields, this.channel));
  /** What is missing: nothing, until somebody tried to go on without it. */
  readonly faults: ChannelFaults = $derived.by(() => (this.#tried && !this.#read.ok ? this.#read.error : {}));

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Whether the core keeps this secret already. */
  isSet(secret: SecretName): boolean {
    return this.channel?.kind === this.fields.kind && this.channel.secretsSet.includes(secret);
  }

  /** Returns the channel as the core stored it; undefined when it was not. */
  async submit(): Promise<NotificationChannel | undefined> {
    this.#tried = true;
    if (this.#busy || !this.#read.ok) return undefined;
    this.#busy = true;
    this.#error = undefined;
    try {
      const { channel } = await this.#link.request("notification-channel-save", this.#read.value);
      return channel;
    } catch (error) {
      this.#error = toPicketError(error);
      return undefined;
    } finally {
      this.#busy = false;
    }
  }
}
