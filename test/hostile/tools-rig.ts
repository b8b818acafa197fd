/** The tools over a real database with the real import behind them, and something in the database that must stay. */
import { onTestFinished } from "vitest";
import { systemClock } from "../../mcp-server/src/clock.ts";
import { Events } from "../../mcp-server/src/events.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";
import { createOpenSource } from "../../mcp-server/src/sources/open-source.ts";
import { openRecords } from "../../mcp-server/src/sources/records.ts";
import { createImportWorker } from "../../mcp-server/src/workers/import-worker.ts";
import { openServices, type Services } from "../doors/stack.ts";
import { keptLog } from "../support/quiet-log.ts";

export const ada = { email: "ada@example.com", first_name: "Ada", company: "Acme" };

/** Services that end with the test; files are read from the samples' folder. */
export async function hostileServices(store: Store): Promise<Services> {
  const openSource = createOpenSource({
    csv: createCsvSource({ roots: ["data/samples"] }),
    records: openRecords,
    lemlist: null,
    hubspot: null,
  });
  const worker = createImportWorker({
    store,
    openSource,
    clock: systemClock,
    log: keptLog(),
    events: new Events((error) => {
      throw error;
    }),
  });
  const services = await openServices({ store, handlers: { import: worker.run } });
  onTestFinished(() => services.close());
  const tool = services.tools.find(({ name }) => name === "import");
  await tool?.run({ source: "records", records: [ada], wait_seconds: 20 }, nobody);
  return services;
}

/** A caller who waits for ever and hears nothing. */
export const nobody = {
  signal: new AbortController().signal,
  progress: () => undefined,
  principal: "test",
  confirm: null,
};

/** What a refused call must leave as it is. */
export async function stateOf({ services }: Services) {
  const contacts = await services.store.contacts.query({
    filter: {},
    limit: 100,
    sort: { field: "email", descending: false },
  });
  const [newest] = await services.jobs.list(1);
  return JSON.stringify([contacts.total, contacts.items, newest?.job_id ?? null]);
}
