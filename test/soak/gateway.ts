/** What stands between HubSpot and whichever server is alive: the one address that its notifications go to. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An open gateway. */
export interface Gateway {
  readonly url: string;
  /** Ids of the notifications that were answered 200: from then on they may not be lost. */
  readonly acknowledged: ReadonlySet<number>;
  /** Answers by status; 0 = the server died while it had the request. */
  readonly answers: Readonly<Record<number, number>>;
  close(): Promise<void>;
}

const path = "/webhooks/hubspot";

/** Hands requests on to the server that `target` names; 503 while it names none. */
export async function openGateway(target: () => string | null): Promise<Gateway> {
  const acknowledged = new Set<number>();
  const answers: Record<number, number> = {};
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const url = target();
    const status =
      url === null ? 503 : await handOn(`${url}${path}`, request.headers, body).catch(() => 0);
    answers[status] = (answers[status] ?? 0) + 1;
    if (status === 200) for (const id of idsIn(body)) acknowledged.add(id);
    response.writeHead(status || 502).end();
  });
  await new Promise<void>((open) => server.listen(0, "127.0.0.1", open));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    acknowledged,
    answers,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function handOn(
  url: string,
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Buffer,
): Promise<number> {
  const names = Object.keys(given).filter((name) => /^(x-hubspot|content-type)/u.test(name));
  const headers = Object.fromEntries(names.map((name) => [name, String(given[name])]));
  const answer = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
  await answer.arrayBuffer();
  return answer.status;
}

function idsIn(body: Buffer): readonly number[] {
  const events: readonly { readonly eventId: number }[] = JSON.parse(body.toString());
  return events.map(({ eventId }) => eventId);
}
