import * as z from "zod/mini";
import { parseJson } from "../../../base/parseJson.ts";

/** What any server of version 3 answers. Some leave out the version, some the time. */
export const serverAnswer = z.object({
  code: z.int(),
  message: z._default(z.string(), ""),
  data: z._default(z.record(z.string(), z.unknown()), {}),
});
export type ServerAnswer = z.output<typeof serverAnswer>;

const serverMessage = z.union([
  z.pipe(
    z.object({ action: z.literal("lockdown"), status: z.boolean() }),
    z.transform(({ status }) => ({ kind: "lockdown" as const, active: status })),
  ),
  z.pipe(
    serverAnswer,
    z.transform((answer) => ({ kind: "answer" as const, answer })),
  ),
]);
/** What a server says on the connection for requests: an answer, or that a lockdown began or ended. */
export type ServerMessage = z.output<typeof serverMessage>;

/** Undefined when it is neither. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const parsed = parseJson(text);
  const checked = parsed.ok ? z.safeParse(serverMessage, parsed.value) : undefined;
  return checked?.success === true ? checked.data : undefined;
}
