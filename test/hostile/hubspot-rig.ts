/** The adapter before a HubSpot that lies, on a clock that runs fast. */
import { beforeEach } from "vitest";
import type { HubspotCrm, HubspotOptions } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import { collect, openPortal } from "../hubspot/portal.ts";
import { type HostileHost, hostileHost, type Manner } from "./hostile-host.ts";
import { canaries } from "./laws.ts";

export interface LyingHubspot {
  readonly host: HostileHost;
  readonly now: () => number;
  /** Five contacts that HubSpot has; the first one has a company. */
  readonly ids: readonly string[];
  crm(options?: Partial<HubspotOptions>): HubspotCrm;
}

/** One account for a test file, with the same records before each test. */
export async function lyingHubspot(): Promise<LyingHubspot> {
  // Waits pass a thousand times as fast: no law here is about time.
  const portal = await openPortal({ token: canaries.hubspotToken }, 1_000);
  const { hubspot } = portal.simulator;
  const host = await hostileHost(portal.simulator.hubspotUrl);
  let ids: readonly string[] = [];
  beforeEach(() => {
    const rows = Array.from({ length: 5 }, (_, n) => ({
      email: `c${n}@example.com`,
      firstname: `F${n}`,
    }));
    ids = hubspot.seedContacts(rows);
    const [company = ""] = hubspot.seedCompanies([{ name: "Acme", domain: "acme.com" }]);
    hubspot.associate(["contacts", ids[0] ?? ""], ["companies", company]);
  });
  return {
    host,
    now: () => portal.clock.now(),
    get ids() {
      return ids;
    },
    crm: (options = {}) =>
      portal.crm({
        accessToken: canaries.hubspotToken,
        baseUrl: host.url,
        timeoutMs: 4_000,
        ...options,
      }),
  };
}

/** All contacts by one of the ways of looking for them. */
export async function recordsBy(client: HubspotCrm, how: "list" | "search" | "find") {
  const properties = ["email"];
  if (how === "find")
    return client.findByValues("contacts", "email", { values: ["c0@example.com"], properties });
  const pages =
    how === "list"
      ? client.list("contacts", { properties })
      : client.search("contacts", { filters: [], properties });
  const found = await collect<{ readonly records: readonly { readonly id: string }[] }>(pages);
  return found.flatMap(({ records }) => records);
}

/** A record as HubSpot would tell it. */
export function recordOf(id: string) {
  return { id, properties: { email: `c${id}@example.com` }, updatedAt: "2026-11-21T10:00:00Z" };
}

/** A success with this body. */
export function pageOf(body: object): Manner {
  return { kind: "bytes", status: 200, body: Buffer.from(JSON.stringify(body)), headers: {} };
}
