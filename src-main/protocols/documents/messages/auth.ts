import * as z from "zod/mini";
import { action, done, name, nothing, text, time, username } from "./define.ts";

/** Bound to what a sign-in checks anyway: a longer password is nobody's. */
const password = name(1024);

const session = z.object({
  session_id: z.string(),
  /** `console`, or `documents` for one that this protocol opened. */
  kind: z.string(),
  current: z.boolean(),
  created_time: time,
  last_used: time,
  end_time: time,
  address: z.string(),
  user_agent: z.string(),
});

export const authActions = {
  /** Without `2fa_token` and with the second factor on, the answer is 202 and the same is sent again with the code. */
  login: action({
    data: z.strictObject({ username, password, "2fa_token": z.optional(name(64)) }),
    result: z.object({
      token: z.string(),
      exp: time,
      nickname: z.optional(z.nullable(z.string())),
      permissions: z.array(z.string()),
      groups: z.array(z.string()),
      avatar_id: z.optional(z.nullable(z.string())),
    }),
  }),
  /** The old token stays valid until its end. */
  refresh_token: action({ data: nothing, result: z.object({ token: z.string(), exp: time }) }),
  /**
   * The own password with `old_passwd`, the credentials of the envelope being empty; somebody else's without it, by
   * whoever may do that.
   */
  set_passwd: action({
    data: z.strictObject({
      username,
      old_passwd: z.optional(z.nullable(text(1024))),
      new_passwd: password,
      force_update_after_login: z.optional(z.boolean()),
      bypass_passwd_requirements: z.optional(z.boolean()),
      /** Beside `old_passwd`, where the second factor is on. */
      "2fa_token": z.optional(name(64)),
    }),
    aliases: { old_password: "old_passwd", new_password: "new_passwd" },
    result: done,
  }),
  /** The sessions of the user, on this protocol and in the console. */
  list_sessions: action({ data: nothing, result: z.object({ sessions: z.array(session) }) }),
  /** Ends one of one's own sessions, and the tokens of it, at once. */
  revoke_session: action({ data: z.strictObject({ session_id: name(128) }), result: done }),
};
