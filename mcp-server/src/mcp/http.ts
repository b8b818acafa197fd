/** The MCP door over Streamable HTTP, as a fetch handler: one server per session, bounded in number and in idle time. */
import { randomUUID } from "node:crypto";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Clock, Log } from "../ports/world.ts";

export interface McpHttpOptions {
  /** A fresh server for a new session. */
  readonly createServer: () => McpServer;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Sessions at once; a new one beyond that ends the one unused for longest, whose client then starts anew. */
  readonly maxSessions?: number;
  /** Unused for this long, a session ends. */
  readonly idleMs?: number;
  readonly maxBodyBytes?: number;
}

export interface McpHttpDoor {
  fetch(request: Request): Promise<Response>;
  /** Sessions alive now. */
  readonly sessionCount: number;
  close(): Promise<void>;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: McpServer;
  lastUsedAt: number;
}

const DEFAULT_MAX_SESSIONS = 100;
const DEFAULT_IDLE_MS = 30 * 60_000;
const DEFAULT_MAX_BODY_BYTES = 1_000_000;
const SWEEP_MS = 60_000;

/**
 * The door's life of a session: an `initialize` without a session id opens one; requests with its id use it; DELETE, idle time,
 * the cap or `close` end it. An id that is unknown or ended gets 404, upon which clients initialise again.
 */
export function createMcpHttpDoor(options: McpHttpOptions): McpHttpDoor {
  return new HttpDoor(options);
}

class HttpDoor implements McpHttpDoor {
  readonly #o: McpHttpOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: McpHttpOptions) {
    this.#o = options;
    this.#sweeper = setInterval(() => this.#endIdle(), SWEEP_MS);
    this.#sweeper.unref();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  async fetch(request: Request): Promise<Response> {
    this.#endIdle();
    const id = request.headers.get("mcp-session-id");
    if (id !== null) return await this.#continue(id, request);
    if (request.method !== "POST") return refusal(400, "The mcp-session-id header is missing.");
    return await this.#begin(request);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const servers = [...this.#sessions.values()].map((session) => session.server);
    this.#sessions.clear();
    await Promise.all(servers.map((server) => server.close()));
  }

  async #continue(id: string, request: Request): Promise<Response> {
    const session = this.#sessions.get(id);
    if (!session) return refusal(404, "There is no such session (any more); initialize again.");
    session.lastUsedAt = this.#o.clock.now();
    return await session.transport.handleRequest(request);
  }

  async #begin(request: Request): Promise<Response> {
    const server = this.#o.createServer();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      maxRequestBodySize: this.#o.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
      onsessioninitialized: (id) => {
        this.#makeRoom();
        this.#sessions.set(id, { transport, server, lastUsedAt: this.#o.clock.now() });
      },
    });
    server.server.onclose = () => {
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
    };
    server.server.onerror = (error) => this.#o.log.debug({ err: error }, "mcp transport error");
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    // Not an initialize: nothing was opened, so nothing may stay.
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  #makeRoom(): void {
    const max = this.#o.maxSessions ?? DEFAULT_MAX_SESSIONS;
    while (this.#sessions.size >= max) {
      const [oldest] = [...this.#sessions.entries()].sort(
        ([, a], [, b]) => a.lastUsedAt - b.lastUsedAt,
      );
      if (!oldest) return;
      this.#end(...oldest);
    }
  }

  #endIdle(): void {
    const idleSince = this.#o.clock.now() - (this.#o.idleMs ?? DEFAULT_IDLE_MS);
    for (const [id, session] of this.#sessions) {
      if (session.lastUsedAt < idleSince) this.#end(id, session);
    }
  }

  #end(id: string, session: Session): void {
    this.#sessions.delete(id);
    session.server
      .close()
      .catch((error: unknown) => this.#o.log.warn({ err: error }, "closing a session failed"));
  }
}

/** A JSON-RPC error, the form in which this endpoint's clients expect every refusal. */
function refusal(status: number, message: string): Response {
  return Response.json(
    { jsonrpc: "2.0", error: { code: status === 404 ? -32_001 : -32_000, message }, id: null },
    { status },
  );
}
