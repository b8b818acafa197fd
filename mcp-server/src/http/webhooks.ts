/** The door for HubSpot's notifications: verified by signature, durable in the inbox, and only then answered. */
import { parseNotifications, type Receipt, readNotification } from "../core/webhook-event.ts";
import {
  calledAddress,
  type SignatureVerdict,
  type SignedRequest,
} from "../core/webhook-signature.ts";
import type { InboxStore } from "../ports/inbox-store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { createInboxRoom, type InboxRoom } from "./inbox-room.ts";
import { createRareLog, type RareLog } from "./rare-log.ts";
import { readBytes } from "./raw-body.ts";
import {
  busy,
  encoded,
  full,
  malformed,
  notConfigured,
  notSigned,
  tooLarge,
  tooSlow,
  unavailable,
} from "./webhook-refusals.ts";

/** Where notifications are taken, all of them at each: document A of the requirements names the first, document B the second. */
export const webhookPaths = ["/webhooks/hubspot", "/v1/webhooks/hubspot/company"] as const;

export interface WebhookOptions {
  readonly inbox: Pick<InboxStore, "add" | "depth">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** null when no client secret is configured: then nothing is taken. `now` in ms since the epoch. */
  readonly verify: ((request: SignedRequest, now: number) => SignatureVerdict) | null;
  readonly publicUrl: string | null;
  /** The app whose notifications are taken; those of others are quarantined. null = any that is signed rightly. */
  readonly appId: string | null;
  /** How many notifications may wait to be processed. */
  readonly maxWaiting: number;
  /** How long a body may take to arrive, in ms; for tests. */
  readonly bodyWithinMs?: number;
}

/** Answers one request. Never throws. */
export type WebhookDoor = (request: Request) => Promise<Response>;

// HubSpot docs, webhooks guide: at most 100 notifications a request (read 2026-11). More come from somebody else.
const MAX_EVENTS = 100;
const MAX_BODY_BYTES = 1_000_000;
// HubSpot gives up after 5 seconds (webhooks guide, read 2026-11): what takes longer is sent again anyway.
const BODY_WITHIN_MS = 5_000;
// Bodies whose sender is not known yet are kept in memory: so many bytes of them at once, and no more.
const MAX_BYTES_IN_FLIGHT = 64_000_000;
const MAX_IN_FLIGHT = 1_000;

interface DoorParts extends Omit<WebhookOptions, "verify"> {
  readonly verify: NonNullable<WebhookOptions["verify"]>;
  readonly room: InboxRoom;
  readonly say: RareLog;
}

/**
 * The door. A 200 means that every notification of the request is in the database; whatever hinders that is answered 503, after which HubSpot sends
 * them again for 24 hours. Who sends the same ones twice is answered twice: they are reasons to look, and looking twice changes nothing.
 */
export function createWebhookDoor(options: WebhookOptions): WebhookDoor {
  const say = createRareLog(options.log, options.clock);
  const { verify } = options;
  if (verify === null) return async () => notConfigured(say);
  const room = createInboxRoom({ ...options, max: options.maxWaiting });
  const parts: DoorParts = { ...options, verify, room, say };
  const flight = { requests: 0, bytes: 0 };
  return async (request) => {
    const announced = announcedBytes(request);
    const refusal = refuseUnread(request, announced);
    if (refusal) return refusal;
    const weight = announced ?? MAX_BODY_BYTES;
    if (flight.requests >= MAX_IN_FLIGHT || flight.bytes + weight > MAX_BYTES_IN_FLIGHT) {
      return busy(say, "WEBHOOKS_CROWDED", "too many notifications are arriving at once");
    }
    flight.requests += 1;
    flight.bytes += weight;
    try {
      return await receive(request, parts);
    } finally {
      flight.requests -= 1;
      flight.bytes -= weight;
    }
  };
}

/** null when the length is not announced. */
function announcedBytes(request: Request): number | null {
  const length = request.headers.get("content-length");
  return length === null ? null : Number(length);
}

function refuseUnread(request: Request, announced: number | null): Response | null {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding !== "identity") {
    return encoded();
  }
  return announced !== null && announced > MAX_BODY_BYTES ? tooLarge(MAX_BODY_BYTES) : null;
}

async function receive(request: Request, parts: DoorParts): Promise<Response> {
  try {
    if (!(await parts.room.hasRoom(1))) return full(parts.say, parts.maxWaiting);
    const body = await readBytes(request, {
      maxBytes: MAX_BODY_BYTES,
      withinMs: parts.bodyWithinMs ?? BODY_WITHIN_MS,
    });
    if (body.kind === "too-large") return tooLarge(MAX_BODY_BYTES);
    if (body.kind === "too-slow") return tooSlow();
    if (body.kind === "broken") return malformed("The body broke off.");
    return refuseSender(request, body.bytes, parts) ?? (await keep(body.bytes, parts));
  } catch (thrown) {
    const message = "the notifications could not be stored; HubSpot sends them again for 24 hours";
    parts.say("error", { code: "WEBHOOKS_NOT_STORED", err: thrown }, message);
    return unavailable("The notifications could not be stored.");
  }
}

function refuseSender(request: Request, body: Uint8Array, parts: DoorParts): Response | null {
  const uri = calledAddress({
    url: request.url,
    forwardedProto: request.headers.get("x-forwarded-proto"),
    publicUrl: parts.publicUrl,
  });
  const header = (name: string): string | null => request.headers.get(name);
  const signed: SignedRequest = { method: request.method, uri, body, header };
  const verdict = parts.verify(signed, parts.clock.now());
  if (verdict.kind === "valid") return null;
  // Anybody may write the query: only the part of the address that settings decide is told.
  const address = uri.replace(/[?#].*$/s, "").slice(0, 200);
  parts.say(
    "warn",
    { code: "WEBHOOK_SIGNATURE_REFUSED", reason: verdict.reason, address },
    "a notification was refused; if HubSpot sent it, compare HUBSPOT_CLIENT_SECRET, PUBLIC_URL and WEBHOOK_SIGNATURES with the app's settings",
  );
  return notSigned();
}

/** Stores the notifications of a verified body. Rejects when they are not stored. */
async function keep(body: Uint8Array, parts: DoorParts): Promise<Response> {
  const batch = readBatch(body);
  if (typeof batch === "string") return malformed(batch);
  if (batch.length === 0) return Response.json({ accepted: 0, quarantined: 0 });
  if (!(await parts.room.hasRoom(batch.length))) return full(parts.say, parts.maxWaiting);
  const receipt: Receipt = {
    at: new Date(parts.clock.now()).toISOString(),
    appId: parts.appId,
  };
  const events = batch.map((raw) => readNotification(raw, receipt));
  await parts.inbox.add(events, receipt.at);
  const broken = events.flatMap(({ error }) => (error === null ? [] : [error]));
  parts.room.added(events.length - broken.length);
  if (broken.length > 0) {
    const fields = { code: "WEBHOOK_QUARANTINED", count: broken.length, reason: broken[0] };
    parts.say("warn", fields, "notifications that cannot be used are kept aside");
  }
  return Response.json({
    accepted: events.length - broken.length,
    quarantined: broken.length,
  });
}

/** The notifications of a body, or why it has none. One alone, as document B of the requirements shows it, is a batch of one. */
function readBatch(body: Uint8Array): readonly unknown[] | string {
  const parsed = parseBody(body);
  if (parsed === null || typeof parsed !== "object") {
    return "The body must be a JSON list of notifications.";
  }
  const batch: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return batch.length > MAX_EVENTS
    ? `A request may have at most ${MAX_EVENTS} notifications.`
    : batch;
}

/** undefined when it is no JSON. Bytes that are no text only spoil the value that they are in: the record is named all the same. */
function parseBody(body: Uint8Array): unknown {
  try {
    return parseNotifications(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
