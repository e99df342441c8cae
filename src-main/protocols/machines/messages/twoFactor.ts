import * as z from "zod/mini";
import { done, name, request, text } from "./define.ts";

/** Every one of them acts on the account of whoever asks, and on no other. */
export const twoFactorRequests = {
  "two-factor-status": request(
    z.object({}),
    z.object({ enabled: z.boolean(), pending: z.boolean(), backupCodesLeft: z.number() }),
  ),
  /** Makes a secret, which counts once a code of it was confirmed. It and the backup codes are shown here and never again. */
  "two-factor-set-up": request(
    z.object({}),
    z.object({ secret: z.string(), uri: z.string(), backupCodes: z.array(z.string()) }),
  ),
  "two-factor-confirm": request(z.object({ code: name(64) }), done),
  /** With the password, or with a code or a backup code. */
  "two-factor-disable": request(z.object({ password: z.optional(text(1024)), code: z.optional(name(64)) }), done),
  "two-factor-cancel": request(z.object({}), done),
};
