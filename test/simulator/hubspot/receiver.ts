/** A receiver of webhooks: a real listener that keeps what came and answers as it is told. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeEach } from "vitest";
import type { WebhookEvent } from "../../../mcp-server/simulator/hubspot/webhook-outbox.ts";

/** One request as it came. */
export type Received = { headers: IncomingHttpHeaders; body: string; events: WebhookEvent[] };

export type Receiver = {
  readonly url: string;
  readonly requests: Received[];
  /** All events, in the order in which they came. */
  events(): WebhookEvent[];
  /** The statuses of the next answers; 200 once they have run out. `hang` never answers. */
  answers: (number | "hang")[];
  /** How many requests are open right now, and how many were at most. */
  open: { now: number; most: number };
  /** Answers are held back while this is set. */
  gate: Promise<void> | null;
};

/** Starts one for a test file and empties it before each test. */
export async function openReceiver(): Promise<Receiver> {
  const receiver: Receiver = {
    url: "",
    requests: [],
    events: () => receiver.requests.flatMap(({ events }) => events),
    answers: [],
    open: { now: 0, most: 0 },
    gate: null,
  };
  const server = createServer(async (request, response) => {
    receiver.open.now += 1;
    receiver.open.most = Math.max(receiver.open.most, receiver.open.now);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString("utf8");
    receiver.requests.push({ headers: request.headers, body, events: JSON.parse(body) });
    const answer = receiver.answers.shift() ?? 200;
    await receiver.gate;
    receiver.open.now -= 1;
    if (answer !== "hang") response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  beforeEach(() => {
    receiver.requests.length = 0;
    receiver.answers = [];
    receiver.open = { now: 0, most: 0 };
    receiver.gate = null;
  });
  afterAll(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}/webhooks/hubspot` });
}
