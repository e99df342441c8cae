import * as z from "zod/mini";
import { done, name, request, text } from "./define.ts";

const server = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  /** SHA-256 of the pinned certificate, lower-case hex; null: the certificate must be one that the core's system trusts. */
  fingerprint: z.nullable(z.string()),
});
export type DocumentServer = z.infer<typeof server>;

export const documentServerRequests = {
  /** Other people's documents servers that the console reaches through this core. */
  "document-server-list": request(z.object({}), z.object({ servers: z.array(server) })),
  "document-server-add": request(
    z.object({ name: name(64), url: name(1024), fingerprint: z.prefault(z.nullable(text(128)), null) }),
    z.object({ server }),
  ),
  "document-server-remove": request(z.object({ id: name(64) }), done),
  /** Looks at a server before it is added: which certificate it shows, and what it says of itself. */
  "document-server-check": request(
    z.object({ url: name(1024) }),
    z.object({
      /** Null without TLS. */
      fingerprint: z.nullable(z.string()),
      /** Whether the core's system trusts the certificate. */
      trusted: z.boolean(),
      serverName: z.string(),
      version: z.string(),
      protocolVersion: z.number(),
    }),
  ),
  /** A way to the server through the core: a path for one WebSocket, good once within a minute. */
  "document-server-connect": request(z.object({ id: name(64) }), z.object({ path: z.string() })),
};
