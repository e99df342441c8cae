import * as z from "zod/mini";
import { action, name, nothing, username } from "./define.ts";

const method = z.object({ method: z.optional(z.nullable(z.string())) });

export const twoFactorActions = {
  /** Starts over when a set-up is pending. The backup codes are shown here and never again. */
  setup_2fa: action({
    data: z.strictObject({ method: z.optional(z.enum(["totp"])) }),
    result: z.object({ secret: z.string(), provisioning_uri: z.string(), backup_codes: z.array(z.string()) }),
  }),
  /** `token` is the code of the authenticator app, not the token of the envelope. */
  validate_2fa: action({ data: z.strictObject({ token: name(64) }), result: method }),
  /** With a code or backup code, or with the password; `target` is for whoever may manage other people's. */
  disable_2fa: action({
    data: z.strictObject({
      token: z.optional(name(64)),
      password: z.optional(name(1024)),
      target: z.optional(username),
    }),
    result: z.object({}),
  }),
  /** Forgets a set-up that was not confirmed. */
  cancel_2fa_setup: action({ data: nothing, result: z.object({}) }),
  /** `method` is null when the second factor is off. `pending`: it was set up and not confirmed yet. */
  get_2fa_status: action({
    data: z.strictObject({ target: z.optional(z.nullable(username)) }),
    result: z.object({
      enabled: z.boolean(),
      method: z.nullable(z.string()),
      pending: z.optional(z.boolean()),
      backup_codes_count: z.optional(z.int()),
    }),
  }),
};
