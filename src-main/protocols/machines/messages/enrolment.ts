import * as z from "zod/mini";
import { done, name, request, time, whole } from "./define.ts";

const token = z.object({
  tokenId: z.string(),
  name: z.nullable(z.string()),
  group: z.string(),
  uses: z.number(),
  used: z.number(),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: z.nullable(time),
  revokedAt: z.nullable(time),
});
export type EnrolmentToken = z.infer<typeof token>;

export const enrolmentRequests = {
  /** The text of the token is in this answer and nowhere else. `expiresIn` is in milliseconds; null: never. */
  "token-create": request(
    z.object({
      name: z.optional(name(128)),
      uses: z.prefault(whole(1, 100_000), 1),
      expiresIn: z.prefault(z.nullable(whole(1_000, 10 * 366 * 86_400_000)), 7 * 86_400_000),
      group: z.prefault(name(64), "default"),
    }),
    z.object({ token: z.string(), info: token }),
  ),
  "token-list": request(z.object({}), z.object({ tokens: z.array(token) })),
  "token-revoke": request(z.object({ tokenId: name(64) }), done),
};
