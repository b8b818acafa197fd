/** Sends notifications at a steady rate whether or not they are answered, as HubSpot does, and times each from when it was due. */
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { notificationsOf, signatureHeaders } from "./webhook-edits.ts";

export interface LoadOptions {
  /** Where to. */
  readonly uri: string;
  readonly secret: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Makes the edit in HubSpot; called right before its notifications are sent. Returns the contact's HubSpot id. */
  readonly edit: (edit: number) => string;
}

/** One request. Times in ms of `performance.now()`. */
export interface SentRequest {
  readonly edit: number;
  readonly hubspotId: string;
  readonly dueAt: number;
  readonly sentAt: number;
  answeredAt: number;
  /** 0 = no answer yet, or never one. */
  status: number;
  attempts: number;
}

// HubSpot's default is 10 requests at once; more let a slow answer delay nobody else's request.
const CONNECTIONS = 64;
const TICK_MS = 1;
const ATTEMPTS = 5;

/** Sends all requests and resolves when the last one has been answered or has failed; in the order they were due. */
export async function sendLoad(options: LoadOptions): Promise<readonly SentRequest[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const sent: SentRequest[] = [];
  const answers: Promise<void>[] = [];
  const total = Math.round(options.perSecond * options.seconds);
  const startedAt = performance.now() + 100;
  while (sent.length < total) {
    const dueAt = startedAt + (sent.length * 1_000) / options.perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, Math.max(TICK_MS, early)));
    const edit = sent.length;
    const hubspotId = options.edit(edit);
    const one = {
      edit,
      hubspotId,
      dueAt,
      sentAt: performance.now(),
      answeredAt: 0,
      status: 0,
      attempts: 0,
    };
    sent.push(one);
    answers.push(sendOne(options, agent, one));
  }
  await Promise.all(answers);
  agent.destroy();
  return sent;
}

/** Sends until there is an answer: HubSpot, too, sends again what broke off. Its time goes on meanwhile. */
async function sendOne(options: LoadOptions, agent: Agent, one: SentRequest): Promise<void> {
  while (one.status === 0 && one.attempts < ATTEMPTS) {
    one.attempts += 1;
    one.status = await answerOf(options, agent, one);
    one.answeredAt = performance.now();
  }
}

/** 0 = the connection broke before there was an answer. */
function answerOf({ uri, secret }: LoadOptions, agent: Agent, one: SentRequest): Promise<number> {
  const now = Date.now();
  const body = notificationsOf(one.hubspotId, one.edit, now);
  const headers = signatureHeaders({ secret, uri, body, now });
  const { promise, resolve } = Promise.withResolvers<number>();
  const sending = request(uri, { method: "POST", agent, headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sending.once("error", () => resolve(0));
  sending.end(body);
  return promise;
}
