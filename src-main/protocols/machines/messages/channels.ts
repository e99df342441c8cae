import * as z from "zod/mini";
import { shallowRecord as record } from "../../shallowRecord.ts";
import { name, text, whole } from "./define.ts";

const channel = whole(1, 0xffffffff);
const windowSize = whole(0, 0xffffffff);

/** How channels are opened: docs/protocols/channels.md. They have no id; the channel's number is theirs. */
export const channelMessages = {
  channel_open: z.object({ channel, kind: name(64), params: record, window: windowSize }),
  channel_opened: z.object({ channel, window: windowSize, result: z.prefault(record, {}) }),
  channel_rejected: z.object({ channel, error_code: text(64), message: z.prefault(text(4096), "") }),
  channel_result: z.object({ channel, result: record }),
};
export type ChannelMessages = { [K in keyof typeof channelMessages]: z.infer<(typeof channelMessages)[K]> };
