/** Serves an Explorium stand-in over real HTTP for one test. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { onTestFinished } from "vitest";
import {
  createExplorium,
  EXPLORIUM_DEMO_KEY,
  type ExploriumOptions,
} from "../../../mcp-server/simulator/explorium/explorium.ts";

/** Starts the stand-in on a free port; it stops with the test. */
export async function serveExplorium(options: ExploriumOptions = {}) {
  const explorium = createExplorium(options);
  const server = createServer(getRequestListener(explorium.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1`;

  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { api_key: EXPLORIUM_DEMO_KEY, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: JSON.parse(await answer.text()),
    };
  };
  const match = async (...businesses: object[]) =>
    (await call("/businesses/match", { businesses_to_match: businesses })).body.matched_businesses;
  return { explorium, call, match, url };
}
