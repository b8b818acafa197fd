/** Who may speak to the HTTP doors: known host names, no foreign web pages, the bearer of the token. */
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../core/errors.ts";
import { problemResponse } from "./problem.ts";

export interface GuardOptions {
  /** Address the server listens on. */
  readonly host: string;
  /** null = no token needed, allowed on loopback only. */
  readonly apiToken: string | null;
  /** Where the server is reached from outside; null when only from this machine. */
  readonly publicUrl: string | null;
}

/** null = may pass; otherwise the refusal. */
export type Guard = (request: Request) => Response | null;

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address to listen on is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/**
 * The guard of /api and /mcp. Host and Origin are checked because a web page that a person visits can reach loopback
 * servers, and by DNS rebinding even under its own name (MCP specification, transports: security warning, read 2026-11).
 *
 * @throws AppError `input` when the server would be open to others without a token
 */
export function createGuard(options: GuardOptions): Guard {
  if (options.apiToken === null && !isLoopback(options.host)) {
    throw new AppError(
      "input",
      `HTTP_HOST ${options.host} is reachable from other machines: set API_TOKEN, or listen on 127.0.0.1.`,
      { code: "TOKEN_REQUIRED" },
    );
  }
  const hosts = allowedHosts(options);
  const expected = options.apiToken === null ? null : digest(`Bearer ${options.apiToken}`);
  return (request) =>
    refuseHost(request, hosts) ?? refuseOrigin(request, hosts) ?? refuseCaller(request, expected);
}

function allowedHosts({ host, publicUrl }: GuardOptions): ReadonlySet<string> {
  const listening = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const named = publicUrl === null ? [] : [new URL(publicUrl).hostname];
  return new Set([...loopbackNames, listening, ...named].map((name) => name.toLowerCase()));
}

/** Both names count that a request may carry: the header's, and that of an address written out in full, which goes before it (RFC 9112, 3.2.2). */
function refuseHost(request: Request, hosts: ReadonlySet<string>): Response | null {
  const names = [namedHost(request.headers.get("host") ?? ""), hostname(request.url)];
  if (names.every((name) => name !== null && hosts.has(name))) return null;
  return forbidden(
    "HOST_NOT_ALLOWED",
    "This server does not answer under that host name; set PUBLIC_URL to the one it is reached by.",
  );
}

function refuseOrigin(request: Request, hosts: ReadonlySet<string>): Response | null {
  const origin = request.headers.get("origin");
  if (origin === null) return isForeignPart(request) ? foreignPage() : null;
  const name = hostname(origin);
  return name !== null && hosts.has(name) ? null : foreignPage();
}

/**
 * A page of another site that loads an address as a picture or a script sends no Origin. It cannot read the answer, but the time that one takes tells
 * whether a search found somebody (W3C Fetch Metadata, read 2026-11). A link that a person follows may come from anywhere.
 */
function isForeignPart({ headers }: Request): boolean {
  return (
    headers.get("sec-fetch-site") === "cross-site" && headers.get("sec-fetch-mode") !== "navigate"
  );
}

function foreignPage(): Response {
  return forbidden("ORIGIN_NOT_ALLOWED", "Web pages of other sites may not use this server.");
}

function refuseCaller(request: Request, expected: Buffer | null): Response | null {
  if (expected === null) return null;
  // The scheme may be written in any case (RFC 9110).
  const given = digest(
    (request.headers.get("authorization") ?? "").replace(/^bearer /i, "Bearer "),
  );
  // Hashes have one length, so the comparison tells nothing about the token, not even its length.
  if (timingSafeEqual(given, expected)) return null;
  return problemResponse({
    status: 401,
    code: "UNAUTHORIZED",
    title: "Unauthorized",
    detail: "Send the API token as `Authorization: Bearer <token>`.",
    headers: { "www-authenticate": 'Bearer realm="hubspot-sync"' },
  });
}

function forbidden(code: string, detail: string): Response {
  return problemResponse({ status: 403, code, title: "Forbidden", detail });
}

/** A Host header's name without its port, as it is written; null for what is more than a name: a user before an @, a path, a list. */
function namedHost(header: string): string | null {
  const [, name] = /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(header) ?? [];
  return name?.toLowerCase() ?? null;
}

/** The lower-case host name of an http(s) address; null for anything else, the opaque origin "null" included. */
function hostname(address: string): string | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  return new URL(address).hostname.toLowerCase();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
