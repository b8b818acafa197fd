/** A neighbour that answers with errors that quote what they were sent, headers and body, as careless servers do; some requests it passes on. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface EchoingUpstream {
  readonly url: string;
  /** Requests quoted so far. */
  count(): number;
  close(): void;
}

export interface EchoOptions {
  readonly status: number;
  /** Where requests go that are not quoted; null = all are. */
  readonly passTo?: string | null;
  /** Which are quoted where others are passed on, by what their method and path hold. */
  readonly quotes?: RegExp;
}

/** Listens on loopback until it is closed. */
export async function echoingUpstream(options: EchoOptions): Promise<EchoingUpstream> {
  const { status, passTo = null, quotes = /./ } = options;
  let quoted = 0;
  const server = createServer(async (incoming, response) => {
    const body = await bodyOf(incoming);
    if (passTo !== null && !quotes.test(`${incoming.method} ${incoming.url}`)) {
      return passOn(passTo, { incoming, body, response });
    }
    quoted += 1;
    const { authorization = "", "x-api-key": key = "", api_key: own = "" } = incoming.headers;
    const message = `${key} ${own} ${authorization} sent ${body}`;
    const known = { status: "error", category: "VALIDATION_ERROR", message };
    const error = { type: "api_error", message };
    const detail = [{ loc: ["body"], msg: message, input: body, type: "value_error" }];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...known, error, detail }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => quoted,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of incoming) body += String(chunk);
  return body;
}

interface Passing {
  readonly incoming: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
}

async function passOn(target: string, { incoming, body, response }: Passing): Promise<void> {
  const { authorization = "", "x-api-key": key = "", api_key: own = "" } = incoming.headers;
  const answer = await fetch(`${target}${incoming.url}`, {
    method: incoming.method ?? "GET",
    headers: {
      authorization,
      "content-type": "application/json",
      "x-api-key": String(key),
      api_key: String(own),
      "anthropic-version": String(incoming.headers["anthropic-version"] ?? ""),
    },
    ...(body === "" ? {} : { body }),
  });
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(await answer.text());
}
