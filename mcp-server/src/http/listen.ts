/** Puts a fetch handler on a port, and takes it off again without cutting answers short. */
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { AppError, toAppError } from "../core/errors.ts";
import { errorResponse, problemResponse } from "./problem.ts";

export interface HttpServer {
  /** Where it listens, e.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new requests and resolves when the last one has ended, or was cut after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface ListenOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Other bounds than the usual ones; for tests. */
  readonly patience?: Partial<Patience>;
}

/** How long a client may take, and how many may be there at once. */
export interface Patience {
  /** From the first byte of a request to the end of its headers, in ms. */
  readonly headersMs: number;
  /** From the first byte of a request to the last byte of its body, in ms. The answer may take longer. */
  readonly requestMs: number;
  /** How often the two are looked after, in ms. */
  readonly everyMs: number;
  /** Connections at once; further ones are closed unread. */
  readonly connections: number;
}

const DEFAULT_GRACE_MS = 2_000;
// Longer than proxies and senders keep idle connections (a minute is usual): who closes first must be they, or a request is cut off now and then.
const KEEP_IDLE_MS = 65_000;
// A megabyte, the most that any address takes, is there within seconds on a poor line; who sends a byte now and then only wants to occupy us.
// The bound of connections stands above the thousand notifications that may be under way at once, and below what a process may open.
const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 30_000,
  everyMs: 2_000,
  connections: 2_000,
};

/** Listens. Throws `conflict` with code PORT_TAKEN when another process has the port. */
export async function serveHttp(options: ListenOptions): Promise<HttpServer> {
  const patience = { ...PATIENCE, ...options.patience };
  const server = createServer(
    {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.everyMs,
    },
    getRequestListener((request) => options.fetch(request), {
      overrideGlobalObjects: false,
      errorHandler: refuseBroken,
    }),
  );
  server.keepAliveTimeout = KEEP_IDLE_MS;
  server.maxConnections = patience.connections;
  const port = await listening(server, options);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    close: (graceMs = DEFAULT_GRACE_MS) => closed(server, graceMs),
  };
}

function listening(server: Server, { host, port }: ListenOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (cause) => reject(cannotListen(cause, host, port)));
  server.listen(port, host, () => {
    const address = server.address();
    resolve(address !== null && typeof address === "object" ? address.port : port);
  });
  return promise;
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): AppError {
  if (cause.code === "EADDRINUSE") {
    return new AppError(
      "conflict",
      `Port ${port} on ${host} is taken; set HTTP_PORT to another one or stop the other program.`,
      { code: "PORT_TAKEN", cause },
    );
  }
  return new AppError(
    "input",
    `Cannot listen on ${host}:${port} (${cause.code ?? "unknown reason"}); check HTTP_HOST and HTTP_PORT.`,
    { code: "CANNOT_LISTEN", cause },
  );
}

async function closed(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  // Event streams never end by themselves.
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(cut);
}

/** Requests that no handler saw: a broken Host header or address is the caller's, all else is ours. */
function refuseBroken(thrown: unknown): Response {
  if (thrown instanceof Error && thrown.name === "RequestError") {
    return problemResponse({
      status: 400,
      code: "BAD_REQUEST",
      title: "Bad request",
      detail: "The request's address or Host header cannot be read.",
      headers: { connection: "close" },
    });
  }
  return errorResponse(toAppError(thrown));
}
