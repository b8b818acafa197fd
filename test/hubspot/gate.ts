/** A real HTTP server between the adapter and the simulator that can answer in HubSpot's place. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach } from "vitest";

/** A request at the gate. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly inputs: readonly {
    readonly id?: string;
    readonly properties?: Record<string, string>;
  }[];
}

/** What the gate says itself; a text body is sent as HTML. */
export interface GateAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Gate {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** From now on; null lets the request through to the simulator. */
  answer(rule: (arrival: Arrival) => GateAnswer | null): void;
}

/** One gate for a test file; it lets everything through at the start of each test. */
export async function openGate(targetUrl: string): Promise<Gate> {
  let rule: (arrival: Arrival) => GateAnswer | null = () => null;
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const arrival = {
      method: request.method ?? "GET",
      path: request.url ?? "/",
      inputs: text === "" ? [] : (JSON.parse(text).inputs ?? []),
    };
    arrivals.push(arrival);
    const own = rule(arrival);
    if (own === null) {
      const answer = await forward(targetUrl, request, text);
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
      return;
    }
    const isText = typeof own.body === "string";
    response.writeHead(own.status, {
      "content-type": isText ? "text/html" : "application/json",
      ...own.headers,
    });
    response.end(isText ? own.body : JSON.stringify(own.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  beforeEach(() => {
    rule = () => null;
    arrivals.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    answer: (next) => {
      rule = next;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function forward(targetUrl: string, request: IncomingMessage, text: string): Promise<Response> {
  return fetch(`${targetUrl}${request.url ?? "/"}`, {
    method: request.method ?? "GET",
    headers: {
      authorization: request.headers.authorization ?? "",
      "content-type": "application/json",
    },
    ...(text === "" ? {} : { body: text }),
  });
}
