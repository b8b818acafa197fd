/** Lemlist's door: Basic auth with an empty user and 20 requests in 2 seconds over all routes of a key. */

import type { Context, MiddlewareHandler } from "hono";

/** Requests a key may make in one window, and the window's length. */
export type RateLimit = { readonly requests: number; readonly windowMs: number };

type Window = { startedAt: number; used: number };

/** Answers 400, 401 or 429 as Lemlist does, and puts the rate headers on every answer. */
export function lemlistAccess(options: {
  readonly apiKey: string;
  readonly now: () => number;
  readonly rateLimit: () => RateLimit;
  readonly windows: Map<string, Window>;
}): MiddlewareHandler {
  return async (c, next) => {
    const credential = c.req.header("authorization") ?? "";
    const refusal = refuse(c, credential, options.apiKey);
    const limit = options.rateLimit();
    const window = currentWindow(options.windows, credential, options.now(), limit.windowMs);
    const isOver = refusal === undefined && window.used >= limit.requests;
    if (refusal === undefined && !isOver) window.used += 1;

    if (refusal !== undefined) c.res = refusal;
    else if (isOver) c.res = c.text("Too many requests", 429);
    else await next();
    writeRateHeaders(c, { limit, window, now: options.now() });
  };
}

function refuse(c: Context, credential: string, apiKey: string): Response | undefined {
  if (credential === "") return c.text("No API key provided", 400);
  const [scheme, token] = credential.split(/\s+/, 2);
  const isBasic = scheme?.toLowerCase() === "basic";
  const decoded = isBasic ? Buffer.from(token ?? "", "base64").toString("utf8") : null;
  if (decoded === ":") return c.text("No API key provided", 400);
  if (decoded === `:${apiKey}`) return undefined;
  if (c.req.path === "/api/fields") return c.json({ error: "Unauthorized" }, 401);
  return c.text("The authentication you supplied is incorrect", 401);
}

function currentWindow(
  windows: Map<string, Window>,
  credential: string,
  now: number,
  windowMs: number,
): Window {
  const open = windows.get(credential);
  if (open !== undefined && now < open.startedAt + windowMs) return open;
  const window = { startedAt: now, used: 0 };
  windows.set(credential, window);
  return window;
}

function writeRateHeaders(
  c: Context,
  state: { limit: RateLimit; window: Window; now: number },
): void {
  const resetAt = state.window.startedAt + state.limit.windowMs;
  const remaining = Math.max(0, state.limit.requests - state.window.used);
  c.header("Retry-After", String(Math.max(1, Math.ceil((resetAt - state.now) / 1000))));
  c.header("X-RateLimit-Limit", String(state.limit.requests));
  c.header("X-RateLimit-Remaining", String(remaining));
  // Lemlist prints a JavaScript date here ("Tue Feb 16 2021 09:02:42 GMT+0100 (...)"), not a number.
  c.header("X-RateLimit-Reset", new Date(resetAt).toString());
}
