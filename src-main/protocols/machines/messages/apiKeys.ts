import * as z from "zod/mini";
import { done, name, request, time } from "./define.ts";

const apiKey = z.object({
  keyId: z.string(),
  /** The node that the key is for. */
  serverId: z.string(),
  serverName: z.string(),
  group: z.string(),
  createdBy: z.string(),
  createdAt: time,
  /** When a server last came in with it. */
  lastUsedAt: z.nullable(time),
  revokedAt: z.nullable(time),
});
export type ApiKey = z.infer<typeof apiKey>;

/** Keys of servers that speak the monitoring protocol. */
export const apiKeyRequests = {
  /**
   * The text of the key is in this answer and nowhere else. `server` is the id or the name of a node without a key, or
   * the name of a new one, which goes into `group`.
   */
  "api-key-create": request(
    z.object({ server: name(128), group: z.prefault(name(64), "default") }),
    z.object({ apiKey: z.string(), info: apiKey }),
  ),
  "api-key-list": request(z.object({}), z.object({ keys: z.array(apiKey) })),
  "api-key-revoke": request(z.object({ keyId: name(64) }), done),
};
