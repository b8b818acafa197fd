/** One HTTP server per stand-in, with faults and the request log wrapped around it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Hono } from "hono";
import type { Fault, Faults } from "./faults.ts";
import { bodyFacts, type LogEntry, type RequestLog, type Service } from "./request-log.ts";

/** The body with which a stand-in answers a request that a fault stopped. */
export type FaultBody = {
  status: number;
  headers: Record<string, string>;
  body: unknown;
};

/** A stand-in as the server needs it. */
export type StandIn = { app: Hono; errorBody: (status: number) => FaultBody };

/** What surrounds a stand-in. Without it, as for the control port, requests go straight in. */
export type Surroundings = {
  service: Service;
  errorBody: (status: number) => FaultBody;
  faults: Faults;
  requests: RequestLog;
  logBodies: boolean;
  now: () => number;
};

/** A listening server. */
export type Listening = { url: string; close(): Promise<void> };

type Answer = { status: number; headers: [string, string][]; body: Buffer };

// Long URLs must reach a stand-in, which refuses them in its own way.
const MAX_HEADER_BYTES = 131_072;

function statusOf(fault: Fault): number {
  if (fault.name === "unauthorized") return 401;
  return fault.name === "forbidden" ? 403 : Number(fault.name.slice("http-".length));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function ask(app: Hono, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const method = request.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD" && body.length > 0;
  const url = `http://${request.headers.host ?? "127.0.0.1"}${request.url ?? "/"}`;
  const payload = hasBody ? { body: new Uint8Array(body) } : {};
  const response = await app.fetch(new Request(url, { method, headers, ...payload }));
  return {
    status: response.status,
    headers: [...response.headers],
    body: Buffer.from(await response.arrayBuffer()),
  };
}

function write(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers.flat());
  response.end(answer.body);
}

/** The service's own error answer, with the ordered `Retry-After` in place of its own. */
function prepared(given: FaultBody, { retryAfter }: Fault): Answer {
  const text = typeof given.body === "string" ? given.body : JSON.stringify(given.body);
  const headers = Object.entries(given.headers).filter(
    ([name]) => retryAfter === undefined || name.toLowerCase() !== "retry-after",
  );
  if (retryAfter !== undefined) headers.push(["Retry-After", String(retryAfter)]);
  return { status: given.status, headers, body: Buffer.from(text) };
}

/** A success that did nothing: what a service answers when it has quietly lost a request. */
function emptySuccess(service: Service): Answer {
  const at = new Date().toISOString();
  const body =
    service === "hubspot"
      ? { completedAt: at, status: "COMPLETE", startedAt: at, results: [] }
      : {};
  const headers: [string, string][] = [["content-type", "application/json;charset=utf-8"]];
  return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Half the body goes out, then the connection breaks. */
function drop(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, [
    ...answer.headers.flat(),
    "content-length",
    String(answer.body.length),
  ]);
  response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () =>
    response.destroy(),
  );
}

/** Plays one fault. `commit` has the stand-in do the work. Returns the status sent, null if none. */
async function play(
  around: Surroundings,
  fault: Fault,
  response: ServerResponse,
  commit: () => Promise<Answer>,
): Promise<number | null> {
  const send = (answer: Answer) => {
    write(response, answer);
    return answer.status;
  };
  switch (fault.name) {
    case "timeout-before-commit":
      return null;
    case "timeout-after-commit":
      await commit();
      return null;
    case "reset-before-commit":
      response.destroy();
      return null;
    case "reset-after-commit":
      await commit();
      response.destroy();
      return null;
    case "drop-mid-body": {
      drop(response, await commit());
      return null;
    }
    case "slow":
      await delay(fault.delayMs);
      return send(await commit());
    case "empty-2xx":
      return send(emptySuccess(around.service));
    default:
      return send(prepared(around.errorBody(statusOf(fault)), fault));
  }
}

function opened(around: Surroundings, request: IncomingMessage, body: Buffer, fault: Fault | null) {
  const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1");
  const text = body.toString("utf8");
  return around.requests.open({
    service: around.service,
    at: around.now(),
    method: request.method ?? "GET",
    path: pathname,
    query: search,
    requestBytes: body.length,
    ...bodyFacts(text),
    fault: fault?.name ?? null,
    ...(around.logBodies ? { body: text } : {}),
  });
}

async function surrounded(
  app: Hono,
  around: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
  const method = request.method ?? "GET";
  const fault = around.faults.take({ service: around.service, method, path: pathname });
  const entry: LogEntry = opened(around, request, body, fault);
  const started = performance.now();
  const commit = () => ask(app, request, body);
  if (fault === null) {
    const answer = await commit();
    entry.status = answer.status;
    entry.durationMs = performance.now() - started;
    write(response, answer);
    return;
  }
  entry.status = await play(around, fault, response, commit);
  entry.durationMs = entry.status === null ? null : performance.now() - started;
}

async function plain(app: Hono, request: IncomingMessage, response: ServerResponse) {
  write(response, await ask(app, request, await readBody(request)));
}

function closing(server: Server): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

/** Serves an app on loopback. Port 0 takes any free one. Rejects when the port is taken. */
export async function listen(
  app: Hono,
  port: number,
  around: Surroundings | null,
): Promise<Listening> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const answering =
      around === null ? plain(app, request, response) : surrounded(app, around, request, response);
    // A client that went away mid-request is nobody's problem; anything else must be seen as a 500.
    answering.catch((failure: unknown) => {
      if (response.headersSent || response.destroyed) return;
      write(response, {
        status: 500,
        headers: [["content-type", "text/plain"]],
        body: Buffer.from(`The simulator failed: ${String(failure)}`),
      });
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return { url: `http://127.0.0.1:${bound}`, close: closing(server) };
}
