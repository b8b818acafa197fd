import { resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { environmentOf } from "../../mcp-server/simulator/environment.ts";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type App, openApp } from "../../mcp-server/src/app.ts";
import { readConfig } from "../../mcp-server/src/config.ts";
import { freshDatabase } from "../support/postgres.ts";
import { tempFile } from "../support/store.ts";

const EXPLORIUM_RATE = 5_000;

/** The whole loop in one process: three imports, enrichment, two syncs, and the same file once more. */
async function wholeLoop(url: string): Promise<Record<string, unknown>> {
  const simulator = await startSimulator({
    seedDemo: true,
    hubspot: { settings: { searchLagMs: 0, burstLimit: 1_000 } },
    explorium: { quota: { limit: EXPLORIUM_RATE, windowMs: 60_000 } },
  });
  const app = await openApp(
    readConfig({
      DATABASE_URL: url,
      IMPORT_ROOTS: resolve("data/samples"),
      ...environmentOf(simulator),
      HUBSPOT_BURST_LIMIT: "1000",
      EXPLORIUM_RATE_LIMIT: String(EXPLORIUM_RATE),
      AUTO_ENRICH_ON_IMPORT: "false",
      AUTO_SYNC_AFTER_ENRICH: "false",
      LOG_LEVEL: "silent",
    }),
  );
  try {
    const csv = { source: "csv", path: resolve("data/samples/contacts.csv") };
    const first = {
      csv: await run(app, "import", csv),
      lemlist: await run(app, "import", { source: "lemlist" }),
      hubspot: await run(app, "import", { source: "hubspot" }),
      enrich: await run(app, "enrich", {}),
      sync: await run(app, "sync", {}),
    };
    const again = { csv: await run(app, "import", csv), sync: await run(app, "sync", {}) };
    const { contacts, companies, notes } = simulator.hubspot.counts();
    return {
      first,
      again,
      statuses: await app.store.contacts.countByStatus(),
      hubspot: { contacts, companies, notes },
    };
  } finally {
    await app.stop();
    await simulator.close();
  }
}

async function run(
  app: App,
  kind: "import" | "enrich" | "sync",
  args: Record<string, unknown>,
): Promise<unknown> {
  const { job } = await app.jobs.start(kind, args);
  const ended = await app.jobs.wait(job.job_id, 120_000);
  // Generated from the time of day, not from the data.
  const { input_tokens: _in, output_tokens: _out, ...counts } = ended.counts;
  return {
    status: ended.status,
    counts,
    errors: ended.errors.map(({ code, count }) => ({ code, count })),
  };
}

test("the whole loop ends the same on SQLite and on PostgreSQL", { timeout: 240_000 }, async () => {
  const sqlite = await tempFile();
  const postgres = await freshDatabase();
  onTestFinished(async () => {
    await sqlite.drop();
    await postgres.drop();
  });

  const onSqlite = await wholeLoop(sqlite.url);
  const onPostgres = await wholeLoop(postgres.url);

  expect(onPostgres).toEqual(onSqlite);
  expect(onSqlite).toMatchObject({
    first: { sync: { status: "completed", errors: [] } },
    again: { csv: { status: "completed" }, sync: { status: "completed" } },
  });
});
