import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { PicketError } from "../base/errors.ts";
import type { SignInOrigin } from "../core/identity/authentication.ts";
import type { Grant, Sessions } from "../core/identity/sessions.ts";
import type { Tickets } from "../core/identity/tickets.ts";

export interface AuthRoutesOptions {
  readonly sessions: Sessions;
  readonly tickets: Tickets;
}

const text = z.string().check(z.minLength(1), z.maxLength(1024));
/** With `cookie` the refresh token goes into a cookie that no script can read, instead of into the answer. */
const cookie = z.prefault(z.boolean(), false);
const loginBody = z.object({ username: text, password: text, totp: z.optional(text), cookie });
const passwordBody = z.object({ username: text, password: text, new_password: text, totp: z.optional(text), cookie });
const ticketBody = z.object({ ticket: text, cookie });
const refreshBody = z.object({ refresh_token: z.optional(text) });

const cookieName = "picket_refresh";
const cookiePath = "/api/v1/auth";
const cookieSeconds = 30 * 24 * 3600;

/** Signing in over HTTP: docs/protocols/machines.md, "Signing in". */
export function registerAuthRoutes(app: FastifyInstance, { sessions, tickets }: AuthRoutesOptions): void {
  app.post(`${cookiePath}/login`, async (request, reply) => {
    const { username, password, totp: code, cookie: byCookie } = parse(loginBody, request.body);
    return unlessCodeIsMissing(reply, async () => {
      const grant = await sessions.signIn({ username, password, code }, originOf(request));
      return answer(request, reply, { grant, byCookie });
    });
  });

  // For somebody who may not sign in before there is a new password: it signs in with that.
  app.post(`${cookiePath}/password`, async (request, reply) => {
    const { username, password, totp: code, ...rest } = parse(passwordBody, request.body);
    return unlessCodeIsMissing(reply, async () => {
      const origin = originOf(request);
      const change = { credentials: { username, password, code }, newPassword: rest.new_password, origin };
      const { id } = await sessions.changePassword(change);
      return answer(request, reply, { grant: await sessions.signInAs(id, origin), byCookie: rest.cookie });
    });
  });

  app.post(`${cookiePath}/ticket`, async (request, reply) => {
    const { ticket, cookie: byCookie } = parse(ticketBody, request.body);
    const userId = tickets.redeem(ticket);
    if (userId === undefined)
      throw new PicketError("UNAUTHORIZED", { message: "The link was used before or is too old." });
    return answer(request, reply, { grant: await sessions.signInAs(userId, originOf(request)), byCookie });
  });

  app.post(`${cookiePath}/refresh`, async (request, reply) => {
    const { refresh_token: given } = parse(refreshBody, request.body ?? {});
    const token = given ?? cookieOf(request);
    if (token === undefined) throw new PicketError("UNAUTHORIZED");
    const byCookie = given === undefined;
    try {
      return answer(request, reply, { grant: await sessions.refresh(token), byCookie });
    } catch (error) {
      // Where only the database was busy or full, the cookie is as good as before.
      const isOver = error instanceof PicketError && error.code === "UNAUTHORIZED";
      if (byCookie && isOver) setCookie(request, reply, { value: "", seconds: 0 });
      throw error;
    }
  });

  app.post(`${cookiePath}/logout`, async (request, reply) => {
    const { refresh_token: given } = parse(refreshBody, request.body ?? {});
    const token = given ?? cookieOf(request);
    if (token !== undefined) await sessions.signOut(token);
    setCookie(request, reply, { value: "", seconds: 0 });
    return {};
  });
}

/** A missing code is no failure: 202 says that the same request with one is expected. */
async function unlessCodeIsMissing(reply: FastifyReply, task: () => Promise<object>): Promise<object> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof PicketError) || error.code !== "TWO_FACTOR_REQUIRED") throw error;
    reply.code(202);
    return { method: "totp" };
  }
}

function parse<T extends z.ZodMiniType>(schema: T, body: unknown): z.output<T> {
  const checked = z.safeParse(schema, body);
  if (checked.success) return checked.data;
  const field = checked.error.issues[0]?.path.join(".") ?? "";
  throw new PicketError("INVALID_PARAMS", {
    details: field === "" ? "a JSON object is expected" : `${field} is missing or wrong`,
  });
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { grant, byCookie }: { readonly grant: Grant; readonly byCookie: boolean },
): object {
  if (byCookie) setCookie(request, reply, { value: grant.refreshToken, seconds: cookieSeconds });
  return {
    access_token: grant.accessToken,
    ...(byCookie ? {} : { refresh_token: grant.refreshToken }),
    token_type: "Bearer",
    expires_in: grant.expiresIn,
  };
}

function originOf(request: FastifyRequest): SignInOrigin {
  return { address: request.ip, userAgent: request.headers["user-agent"] ?? "" };
}

function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { value, seconds }: { readonly value: string; readonly seconds: number },
): void {
  const secure = request.protocol === "https" ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${cookieName}=${value}; Max-Age=${seconds}; Path=${cookiePath}; HttpOnly; SameSite=Strict${secure}`,
  );
}

function cookieOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  const value = pairs.find(([name]) => name === cookieName)?.[1];
  return value === "" ? undefined : value;
}
