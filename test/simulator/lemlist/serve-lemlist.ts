/** Serves a Lemlist stand-in over real HTTP for one test. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { onTestFinished } from "vitest";
import {
  createLemlist,
  LEMLIST_DEMO_KEY,
  type LemlistOptions,
} from "../../../mcp-server/simulator/lemlist/lemlist.ts";

/** The `Authorization` value of Lemlist: Basic, empty user, the key as the password. */
export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** Starts the stand-in on a free port; it stops with the test. */
export async function serveLemlist(options: LemlistOptions = {}) {
  const lemlist = createLemlist({ rateLimit: { requests: 10_000, windowMs: 2_000 }, ...options });
  const server = createServer(getRequestListener(lemlist.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const get = (path: string, authorization = basic(`:${LEMLIST_DEMO_KEY}`)) =>
    fetch(`http://127.0.0.1:${port}/api${path}`, { headers: { authorization } });
  const getJson = async (path: string) => JSON.parse(await (await get(path)).text());
  return { lemlist, get, getJson, url: `http://127.0.0.1:${port}/api` };
}
