/** The door for notifications on a real port over a real database, and a sender that signs as HubSpot does. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { onTestFinished } from "vitest";
import { signatureVersions } from "../../mcp-server/src/core/webhook-signature.ts";
import { createHttpApp } from "../../mcp-server/src/http/app.ts";
import { serveHttp } from "../../mcp-server/src/http/listen.ts";
import { createWebhookDoor, type WebhookOptions } from "../../mcp-server/src/http/webhooks.ts";
import { verifySignature } from "../../mcp-server/src/hubspot/signature.ts";
import type { WebhookEvent } from "../../mcp-server/src/ports/inbox-store.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { type KeptLog, keptLog } from "../support/quiet-log.ts";
import { openServices, type Services } from "./stack.ts";

export const secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";

export interface WebhookRig {
  readonly url: string;
  readonly clock: FakeClock;
  /** What the door said in the log. */
  readonly lines: KeptLog["lines"];
  readonly store: Services["store"];
  /** Sends a body, signed by v3 for the address it goes to unless told otherwise. */
  send(body: string | Uint8Array, options?: Sending): Promise<Response>;
  /** What waits in the inbox, oldest first. */
  waiting(): Promise<readonly WebhookEvent[]>;
}

export interface Sending {
  readonly path?: string;
  /** The address that is signed; left out = the one that is called. */
  readonly signedUri?: string;
  /** Milliseconds since the epoch; left out = the rig's now. */
  readonly timestamp?: number;
  /** Headers instead of the signature. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type RigOptions = Partial<
  Pick<WebhookOptions, "publicUrl" | "appId" | "maxWaiting" | "bodyWithinMs" | "inbox">
> & {
  readonly versions?: string;
  readonly isConfigured?: boolean;
  readonly apiToken?: string | null;
};

/** Opens the whole HTTP side with the door in it; everything is closed after the test. */
export async function webhookRig(options: RigOptions = {}): Promise<WebhookRig> {
  const open = await openServices();
  onTestFinished(() => open.close());
  const { services, log, store } = open;
  const doorLog = keptLog();
  const clock = fakeClock("2026-11-21T10:00:00.000Z");
  const rules = { secret, versions: signatureVersions(options.versions ?? "v3") };
  const door = createWebhookDoor({
    inbox: store.inbox,
    clock,
    log: doorLog,
    verify:
      options.isConfigured === false
        ? null
        : (request, now) => verifySignature(request, { ...rules, now }),
    publicUrl: null,
    appId: null,
    maxWaiting: 100_000,
    ...options,
  });
  const app = createHttpApp({
    tools: open.tools,
    services,
    log,
    mcpHandler: async () => new Response(),
    webhooks: door,
    host: "127.0.0.1",
    apiToken: options.apiToken ?? null,
    publicUrl: options.publicUrl ?? null,
  });
  const http = await serveHttp({
    fetch: (request) => app.fetch(request),
    host: "127.0.0.1",
    port: 0,
  });
  onTestFinished(() => http.close(100));
  const send: WebhookRig["send"] = async (body, sending = {}) => {
    const bytes = Buffer.from(body);
    const target = `${http.url}${sending.path ?? "/webhooks/hubspot"}`;
    const timestamp = sending.timestamp ?? clock.now();
    const headers = sending.headers ?? v3(bytes, sending.signedUri ?? target, timestamp);
    return fetch(target, {
      method: "POST",
      body: bytes,
      headers: { "content-type": "application/json", ...headers },
    });
  };
  return {
    url: http.url,
    clock,
    lines: doorLog.lines,
    store,
    send,
    waiting: () => store.transaction((within) => within.inbox.take(10_000)),
  };
}

/** The headers of a v3 signature. */
export function v3(body: Buffer, uri: string, timestamp: number): Record<string, string> {
  const signature = createHmac("sha256", secret)
    .update(Buffer.concat([Buffer.from(`POST${uri}`), body, Buffer.from(String(timestamp))]))
    .digest("base64");
  return {
    "x-hubspot-signature-v3": signature,
    "x-hubspot-request-timestamp": String(timestamp),
  };
}

/** A batch of changes of one contact. */
export function changes(count: number, objectId = 101): string {
  const list = Array.from({ length: count }, (_, n) => ({
    eventId: n + 1,
    subscriptionType: "contact.propertyChange",
    objectId,
    propertyName: "jobtitle",
    propertyValue: `Title ${n}`,
    occurredAt: 1_795_000_000_000,
    appId: 9_318_066,
  }));
  return JSON.stringify(list);
}

/** A request whose body the test writes by hand, and its status once it is answered. */
export function openRequest(
  rig: WebhookRig,
  headers: RequestOptions["headers"] = {},
): { readonly sent: ClientRequest; readonly answer: Promise<number | undefined> } {
  const sent = httpRequest(`${rig.url}/webhooks/hubspot`, { method: "POST", headers });
  // A refusal may close the connection while the body is still on its way.
  sent.on("error", () => undefined);
  const answer = once(sent, "response").then(([response]: IncomingMessage[]) => {
    response?.resume();
    return response?.statusCode;
  });
  return { sent, answer };
}

/** Asks again until it holds, for at most five seconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("It did not come to hold within five seconds.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
