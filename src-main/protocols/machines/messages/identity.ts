import * as z from "zod/mini";
import { done, name, request, text, time } from "./define.ts";

export const roles = ["viewer", "operator", "administrator"] as const;
export type Role = (typeof roles)[number];

const user = z.object({
  userId: z.string(),
  username: z.string(),
  role: z.enum(roles),
  /** The node groups that the user may see; null is every group, an empty list none. */
  groups: z.nullable(z.array(z.string())),
  createdAt: time,
  /** Whether signing in asks for a second factor. */
  twoFactor: z.boolean(),
  /** Whether the next sign-in asks for a new password. */
  mustChangePassword: z.boolean(),
});
export type User = z.infer<typeof user>;

const session = z.object({
  sessionId: z.string(),
  /** What it was opened by: the console, or a client of the documents protocol. */
  kind: z.enum(["console", "documents"]),
  current: z.boolean(),
  createdAt: time,
  usedAt: time,
  expiresAt: time,
  address: z.string(),
  userAgent: z.string(),
});
export type Session = z.infer<typeof session>;

const groups = z.nullable(z.array(name(64)).check(z.maxLength(256)));
const password = text(1024);
/** What user names are made of: they stand in logs, in the audit and in shells. */
const username = z.string().check(z.regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u));

export const identityRequests = {
  "user-list": request(z.object({}), z.object({ users: z.array(user) })),
  "user-create": request(
    z.object({
      username,
      password,
      role: z.enum(roles),
      groups: z.prefault(groups, null),
      mustChangePassword: z.prefault(z.boolean(), false),
    }),
    z.object({ user }),
  ),
  "user-change": request(
    z.object({
      userId: name(64),
      role: z.optional(z.enum(roles)),
      groups: z.optional(groups),
      password: z.optional(password),
      mustChangePassword: z.optional(z.boolean()),
      /** Takes the second factor away from somebody who lost it; only they themselves can set one up. */
      twoFactor: z.optional(z.literal(false)),
    }),
    done,
  ),
  "user-remove": request(z.object({ userId: name(64) }), done),
  /** A token of the documents protocol, for the session that asks: it ends with it. */
  "documents-token": request(
    z.object({}),
    z.object({ username: z.string(), token: z.string(), expiresAt: time, endpoint: z.string() }),
  ),
  /** Changes the own password; every other session of the user ends. */
  "password-change": request(z.object({ current: password, next: password }), done),
  /** A link that signs an administrator in once, within ten minutes. Only over the local socket. */
  "ticket-create": request(z.object({}), z.object({ url: z.string() })),
  "session-list": request(z.object({}), z.object({ sessions: z.array(session) })),
  "session-revoke": request(z.object({ sessionId: name(64) }), done),
};
