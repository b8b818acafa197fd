/** A service that lies: it asks the true stand-in and spoils what it says, or answers by itself in ways no client likes. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll } from "vitest";
import { canaries } from "./laws.ts";
import { type Json, type Spoiling, spoiled, spoilings } from "./nasty.ts";

/** How an answer goes wrong. */
export type Manner =
  | { readonly kind: "true" }
  | { readonly kind: "spoil"; readonly changes: readonly Spoiling[] }
  | {
      readonly kind: "bytes";
      readonly status: number;
      readonly body: Buffer;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "length"; readonly off: number }
  | { readonly kind: "flood" }
  | { readonly kind: "drip" }
  | { readonly kind: "redirect"; readonly to: "itself" | "elsewhere"; readonly status: number }
  | { readonly kind: "hang-up" };

const page = `<!doctype html><html><body><h1>${canaries.foreign}</h1>at proxy (/srv/x.js:1:1)</body></html>`;

const bodies: readonly Buffer[] = [
  Buffer.from(""),
  Buffer.from(page),
  Buffer.from("null"),
  Buffer.from("[]"),
  Buffer.from("{}"),
  Buffer.from('"text"'),
  Buffer.from("0"),
  Buffer.from('{"results":[],"total":0}'),
  Buffer.from('{"results":null}'),
  Buffer.from('{"results":[{"id":"1"}]}'),
  Buffer.from('{"results":[{"id":1e999,"properties":{},"updatedAt":"x"}],"total":-1}'),
  Buffer.from(`{"message":"${canaries.foreign}","category":"X".repeat}`),
  Buffer.from(
    JSON.stringify({ message: canaries.foreign, category: canaries.foreign, errors: [] }),
  ),
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from(`${"[".repeat(200_000)}`),
  Buffer.from(`{"results":${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
];

const badHeaders: readonly Readonly<Record<string, string>>[] = [
  {},
  { "content-encoding": "gzip" },
  { "content-type": "text/html; charset=utf-16" },
  { "retry-after": "99999999999999999999" },
  { "retry-after": "-5" },
  { "retry-after": "soon" },
  { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" },
  {
    "x-hubspot-ratelimit-max": "0",
    "x-hubspot-ratelimit-remaining": "99999999999",
    "x-ratelimit-limit": "0",
    "x-ratelimit-remaining": "-1",
    "x-ratelimit-reset": "never",
  },
];

const statuses = [
  200, 200, 200, 201, 204, 207, 226, 299, 304, 400, 402, 404, 409, 410, 413, 414, 418, 422, 423,
  429, 451, 477, 499, 500, 502, 503, 504, 521, 599,
];

/** Answers that end by themselves. */
export const brokenAnswers: fc.Arbitrary<Manner> = fc.oneof(
  { weight: 12, arbitrary: spoilings.map((changes) => ({ kind: "spoil", changes }) as const) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        status: fc.constantFrom(...statuses),
        body: fc.constantFrom(...bodies),
        headers: fc.constantFrom(...badHeaders),
      })
      .map((given) => ({ kind: "bytes", ...given }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .double({ min: 0, max: 0.99, noNaN: true })
      .map((at) => ({ kind: "cut", at }) as const),
  },
  { weight: 1, arbitrary: fc.constantFrom(-3, 7).map((off) => ({ kind: "length", off }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        to: fc.constantFrom("itself", "elsewhere"),
        status: fc.constantFrom(301, 302, 303, 307, 308),
      })
      .map((given) => ({ kind: "redirect", ...given }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "hang-up" } as const) },
);

export interface HostileHost {
  readonly url: string;
  /** What reached the place that redirects lead to. */
  readonly elsewhere: readonly {
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
  }[];
  /** Requests since the last `answer`. */
  readonly asked: number;
  /** Bytes that an endless answer got rid of, since the last `answer`. */
  readonly flooded: number;
  /** The coming requests are answered like this, in turn; what comes after the last, truly. A function decides for each. */
  answer(manners: readonly Manner[] | ((path: string, asked: number) => Manner)): void;
}

const FLOOD_PIECE = Buffer.alloc(1_000_000, " ");

/** A liar before the true service; it ends with the test file. */
export async function hostileHost(trueUrl: string): Promise<HostileHost> {
  const state = { asked: 0, flooded: 0 };
  let decide: (path: string, asked: number) => Manner = () => ({ kind: "true" });
  const elsewhere: { headers: IncomingMessage["headers"]; body: string }[] = [];
  const other = await listen(async (request, response) => {
    elsewhere.push({ headers: request.headers, body: await bodyOf(request) });
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"results":[],"total":0,"portalId":666,"data":[],"matched_businesses":[]}');
  });
  const main = await listen(async (request, response) => {
    const body = await bodyOf(request);
    const manner = decide(request.url ?? "/", state.asked);
    state.asked += 1;
    await play(manner, { trueUrl, request, body, response, elsewhere: other, state });
  });
  return {
    url: main,
    elsewhere,
    get asked() {
      return state.asked;
    },
    get flooded() {
      return state.flooded;
    },
    answer: (manners) => {
      state.asked = 0;
      state.flooded = 0;
      elsewhere.length = 0;
      decide =
        typeof manners === "function" ? manners : (_, asked) => manners[asked] ?? { kind: "true" };
    },
  };
}

interface Scene {
  readonly trueUrl: string;
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
  readonly elsewhere: string;
  readonly state: { flooded: number };
}

async function play(manner: Manner, scene: Scene): Promise<void> {
  const { request, response } = scene;
  switch (manner.kind) {
    case "bytes": {
      const bodiless = manner.status === 204 || manner.status === 304;
      response.writeHead(manner.status, { "content-type": "application/json", ...manner.headers });
      response.end(bodiless ? undefined : manner.body);
      return;
    }
    case "flood":
      return flood(scene);
    case "drip":
      return drip(response);
    case "redirect": {
      const to = manner.to === "itself" ? (request.url ?? "/") : `${scene.elsewhere}/elsewhere`;
      response.writeHead(manner.status, { location: to }).end();
      return;
    }
    case "hang-up":
      request.socket.destroy();
      return;
    default:
      return answerFrom(manner, scene);
  }
}

/** The true answer, or what is made of it. */
async function answerFrom(
  manner: Extract<Manner, { kind: "true" | "spoil" | "cut" | "length" }>,
  { trueUrl, request, body, response }: Scene,
): Promise<void> {
  const answer = await fetch(`${trueUrl}${request.url ?? "/"}`, {
    method: request.method ?? "GET",
    headers: forwarded(request.headers),
    ...(body === "" ? {} : { body }),
  });
  const text = await answer.text();
  const type = { "content-type": answer.headers.get("content-type") ?? "application/json" };
  if (manner.kind === "length") {
    const length = Math.max(0, Buffer.byteLength(text) + manner.off);
    response.writeHead(answer.status, { ...type, "content-length": length, connection: "close" });
    response.write(text);
    response.socket?.end();
    return;
  }
  response.writeHead(answer.status, type);
  if (manner.kind === "true" || text === "") response.end(text);
  else if (manner.kind === "cut") response.end(text.slice(0, Math.floor(text.length * manner.at)));
  else response.end(JSON.stringify(spoiled(parsedOrText(text), manner.changes)));
}

function parsedOrText(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const notForwarded = new Set(["host", "connection", "content-length", "transfer-encoding"]);

function forwarded(headers: IncomingMessage["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      notForwarded.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

/** A body without an end, as fast as it is taken; stops when nobody takes it any more. */
function flood({ response, state }: Scene): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"results":[');
  const more = (): void => {
    while (!response.destroyed && state.flooded < 2_000_000_000) {
      state.flooded += FLOOD_PIECE.length;
      if (!response.write(FLOOD_PIECE)) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer((request, response) => {
    // Clients that leave early are the point of the exercise.
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
