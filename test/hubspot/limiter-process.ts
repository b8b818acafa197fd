/** A process of its own for tests: reads from HubSpot as fast as the limits that it shares allow. */
import { createHubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { fastClock } from "./fast-clock.ts";

const [databaseUrl = "", baseUrl = "", accessToken = "", plan = "{}"] = process.argv.slice(2);
const { requests, lane, burstLimit, speed } = JSON.parse(plan) as {
  readonly requests: number;
  readonly lane: "interactive" | "backfill";
  readonly burstLimit: number;
  readonly speed: number;
};

const log = keptLog();
const store = await openStore(databaseUrl, { log });
const crm = createHubspotCrm({
  baseUrl,
  accessToken,
  burstLimit,
  clock: fastClock(speed),
  log,
  shared: store.shared,
  accountKey: "shared",
});
await Promise.all(
  Array.from({ length: requests }, async (_, index) => {
    await crm.read("contacts", { ids: [`${9_000_000 + index}`], properties: [] }, { lane });
    process.send?.("read");
  }),
);
await store.close();
process.disconnect();
