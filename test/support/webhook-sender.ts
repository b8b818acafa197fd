/** Sends notifications as HubSpot does: signed, several requests at a time, each again until it is answered 2xx; and remembers which were. */
import { Agent, request } from "node:http";
import { signatureHeaders } from "../../mcp-server/bench/webhook-edits.ts";

/** One notification; what it says beyond its number is its own affair. */
export interface Notification {
  /** Unlike HubSpot's, unique: nothing else tells whether one is lost. */
  readonly eventId: number;
  readonly [name: string]: unknown;
}

export interface SenderOptions {
  readonly secret: string;
  /** How long a request that was not answered 2xx lies before it is sent again, in ms. HubSpot waits from a minute on. */
  readonly againAfterMs?: number;
  /** Requests at a time. HubSpot docs, webhooks: 10 (read 2026-11). */
  readonly concurrency?: number;
}

/** What became of one request that was sent. */
export interface Attempt {
  /** null = no answer. */
  readonly status: number | null;
  readonly ms: number;
}

export interface WebhookSender {
  /** Puts notifications into one request, to be sent as soon as there is room. */
  send(notifications: readonly Notification[]): void;
  /** Where the requests go from now on, one after the other where there are several; none = nobody listens. */
  aim(...urls: readonly string[]): void;
  /** The numbers of all notifications that were answered 2xx. */
  readonly acknowledged: ReadonlySet<number>;
  readonly attempts: readonly Attempt[];
  /** Requests that were not answered 2xx yet. */
  waiting(): number;
  close(): void;
}

interface Letter {
  readonly notifications: readonly Notification[];
  attemptNumber: number;
}

const TIMEOUT_MS = 5_000;

export function webhookSender(options: SenderOptions): WebhookSender {
  const { secret, againAfterMs = 150, concurrency = 10 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const acknowledged = new Set<number>();
  const attempts: Attempt[] = [];
  const ready: Letter[] = [];
  let targets: readonly string[] = [];
  let underWay = 0;
  let lying = 0;
  let turn = 0;

  const sendOne = async (letter: Letter, uri: string): Promise<void> => {
    underWay += 1;
    const begun = performance.now();
    const status = await statusOf(agent, { uri, secret, letter });
    attempts.push({ status, ms: performance.now() - begun });
    underWay -= 1;
    if (status !== null && status >= 200 && status < 300) {
      for (const { eventId } of letter.notifications) acknowledged.add(eventId);
    } else {
      lying += 1;
      letter.attemptNumber += 1;
      setTimeout(() => {
        lying -= 1;
        ready.push(letter);
        pump();
      }, againAfterMs).unref();
    }
    pump();
  };
  const pump = (): void => {
    while (underWay < concurrency && targets.length > 0) {
      const letter = ready.shift();
      if (!letter) return;
      turn += 1;
      void sendOne(letter, targets[turn % targets.length] ?? "");
    }
  };
  return {
    send: (notifications) => {
      ready.push({ notifications, attemptNumber: 0 });
      pump();
    },
    aim: (...urls) => {
      targets = urls.map((url) => `${url}/webhooks/hubspot`);
      pump();
    },
    acknowledged,
    attempts,
    waiting: () => ready.length + lying + underWay,
    close: () => {
      targets = [];
      agent.destroy();
    },
  };
}

/** null when the connection is refused or breaks, or the answer takes too long. */
function statusOf(
  agent: Agent,
  { uri, secret, letter }: { uri: string; secret: string; letter: Letter },
): Promise<number | null> {
  const now = Date.now();
  const { attemptNumber } = letter;
  const body = JSON.stringify(letter.notifications.map((one) => ({ ...one, attemptNumber })));
  const headers = signatureHeaders({ secret, uri, body, now });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const sending = request(
    uri,
    { method: "POST", agent, headers, timeout: TIMEOUT_MS },
    (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? null));
      answer.once("error", () => resolve(null));
    },
  );
  sending.once("timeout", () => sending.destroy());
  sending.once("error", () => resolve(null));
  sending.once("close", () => resolve(null));
  sending.end(body);
  return promise;
}
