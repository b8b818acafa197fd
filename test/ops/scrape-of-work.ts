/** A scrape of a server that has worked: HubSpot's limits are known then. */
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { openApp } from "../../mcp-server/src/app.ts";
import { readConfig } from "../../mcp-server/src/config.ts";
import { scrapeAt } from "../metrics/scraped.ts";
import { tempFile } from "../support/store.ts";

/** Starts one, lets it sync, scrapes it and ends it. */
export async function scrapeOfWork(): Promise<string> {
  const simulator = await startSimulator({ hubspot: { settings: { searchLagMs: 0 } } });
  const { url: database, drop } = await tempFile();
  try {
    return await scraped(simulator, database);
  } finally {
    await simulator.close();
    await drop();
  }
}

async function scraped(simulator: Simulator, database: string): Promise<string> {
  const app = await openApp(
    readConfig({
      DATABASE_URL: database,
      HTTP_PORT: "0",
      HUBSPOT_BASE_URL: simulator.hubspotUrl,
      HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
      POLL_SCHEDULE: "off",
      RECONCILE_SCHEDULE: "off",
      LOG_LEVEL: "silent",
    }),
  );
  try {
    const url = await app.listen();
    const { job } = await app.jobs.start("sync", {});
    await app.jobs.wait(job.job_id, 20_000);
    return (await scrapeAt(url)).text;
  } finally {
    await app.stop();
  }
}
