/** The provider stand-ins over real HTTP, with a log of what reached them and faults on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { onTestFinished } from "vitest";
import {
  ANTHROPIC_DEMO_KEY,
  type Anthropic,
  type AnthropicOptions,
  createAnthropic,
} from "../../mcp-server/simulator/anthropic/anthropic.ts";
import {
  createExplorium,
  EXPLORIUM_DEMO_KEY,
  type Explorium,
  type ExploriumOptions,
} from "../../mcp-server/simulator/explorium/explorium.ts";

/** One request as it arrived; `status` is null while it is not answered. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  status: number | null;
}

/** What to answer instead of the stand-in: return true when the request was dealt with. */
export type Fault = (request: SeenRequest, response: ServerResponse) => boolean;

export interface Served {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Applied to the next requests, in order, one request each; null leaves a request alone. */
  readonly faults: (Fault | null)[];
}

/** Answers with a status and a body. */
export function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Fault {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    return true;
  };
}

/** Cuts the connection without an answer. */
export const hangUp: Fault = (_, response) => {
  response.socket?.destroy();
  return true;
};

async function serve(app: Hono): Promise<Served> {
  const seen: SeenRequest[] = [];
  const faults: (Fault | null)[] = [];
  const listener = getRequestListener(app.fetch);
  const server = createServer((incoming, response) => {
    const request = note(incoming, response);
    seen.push(request);
    const fault = faults.shift();
    if (fault?.(request, response)) return;
    void listener(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, faults };
}

function note(incoming: IncomingMessage, response: ServerResponse): SeenRequest {
  const { method = "", url = "", headers } = incoming;
  const request: SeenRequest = { method, path: url, headers, body: "", status: null };
  // Listening would start the flow before the stand-in reads: look over its shoulder instead.
  const push = incoming.push.bind(incoming);
  incoming.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk !== null) request.body += chunk.toString();
    return push(chunk, encoding);
  };
  response.on("finish", () => {
    request.status = response.statusCode;
  });
  return request;
}

/** Serves an Explorium until the test ends. */
export async function serveExplorium(
  options: ExploriumOptions = {},
): Promise<
  Served & { readonly explorium: Explorium; readonly key: string; readonly baseUrl: string }
> {
  const explorium = createExplorium(options);
  const served = await serve(explorium.app);
  return { ...served, explorium, key: EXPLORIUM_DEMO_KEY, baseUrl: `${served.url}/v1` };
}

/** Serves an Anthropic API until the test ends. */
export async function serveAnthropic(
  options: AnthropicOptions = {},
): Promise<Served & { readonly anthropic: Anthropic; readonly key: string }> {
  const anthropic = createAnthropic(options);
  const served = await serve(anthropic.app);
  return { ...served, anthropic, key: ANTHROPIC_DEMO_KEY };
}
