/** What the door for notifications answers when it takes none, and what the log then says: callers learn nothing that helps to guess. */
import { problemResponse } from "./problem.ts";
import type { RareLog } from "./rare-log.ts";

const RETRY_AFTER_S = "5";

/** No client secret is configured. */
export function notConfigured(say: RareLog): Response {
  say(
    "warn",
    { code: "WEBHOOKS_NOT_CONFIGURED" },
    "a notification was refused: set HUBSPOT_CLIENT_SECRET to the app's client secret to take them",
  );
  return problemResponse({
    status: 503,
    code: "WEBHOOKS_NOT_CONFIGURED",
    title: "Not available",
    detail: "This server takes no notifications.",
  });
}

/** The inbox has no room. */
export function full(say: RareLog, maxWaiting: number): Response {
  return busy(
    say,
    "WEBHOOK_INBOX_FULL",
    `${maxWaiting} notifications wait to be processed (WEBHOOK_MAX_WAITING)`,
  );
}

/** There is too much of something for now. */
export function busy(say: RareLog, code: string, why: string): Response {
  say("warn", { code }, `${why}; HubSpot is told to send them again`);
  return unavailable("Too many notifications wait.");
}

/** Nothing was stored: HubSpot is to send it again. */
export function unavailable(detail: string): Response {
  return problemResponse({
    status: 503,
    code: "TRY_AGAIN",
    title: "Not available right now",
    detail: `${detail} Send them again later.`,
    headers: { "retry-after": RETRY_AFTER_S },
  });
}

/** More bytes than a request may have. */
export function tooLarge(maxBytes: number): Response {
  return problemResponse({
    status: 413,
    code: "BODY_TOO_LARGE",
    title: "Body too large",
    detail: `The body may have at most ${maxBytes} bytes.`,
    headers: { connection: "close" },
  });
}

/** The body took longer than HubSpot itself waits. */
export function tooSlow(): Response {
  return problemResponse({
    status: 408,
    code: "BODY_TOO_SLOW",
    title: "Request timeout",
    detail: "The body did not arrive in time.",
    headers: { connection: "close" },
  });
}

/** What was sent is no batch of notifications. */
export function malformed(detail: string): Response {
  return problemResponse({ status: 400, code: "MALFORMED_BODY", title: "Malformed body", detail });
}

/** The body is compressed: it would have to be unpacked before anybody knows who sent it. */
export function encoded(): Response {
  return problemResponse({
    status: 415,
    code: "ENCODING_NOT_SUPPORTED",
    title: "Unsupported encoding",
    detail: "Send notifications without content encoding.",
    // The rest of the body is not read, so the connection cannot be used again.
    headers: { connection: "close" },
  });
}

/** No signature, or one that is wrong or too old: which of these is for the log alone. */
export function notSigned(): Response {
  return problemResponse({
    status: 401,
    code: "SIGNATURE_REFUSED",
    title: "Unauthorized",
    detail: "The request is not signed as it must be.",
  });
}
