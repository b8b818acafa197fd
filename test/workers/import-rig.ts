/** Runs import jobs against a real store, in the way the job runner does. */
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import { type AppEvent, Events } from "../../mcp-server/src/events.ts";
import type { JobPatch } from "../../mcp-server/src/ports/job-store.ts";
import type { OpenSource } from "../../mcp-server/src/ports/sources.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";
import { createOpenSource } from "../../mcp-server/src/sources/open-source.ts";
import { openRecords } from "../../mcp-server/src/sources/records.ts";
import {
  createImportWorker,
  type ImportWorkerOptions,
} from "../../mcp-server/src/workers/import-worker.ts";
import { fakeClock } from "../support/clock.ts";
import { testFolder } from "../support/folder.ts";
import { keptLog } from "../support/quiet-log.ts";
import { contactByEmail } from "../support/stored-contacts.ts";

export const NOW = "2026-11-21T12:00:00.000Z";

/** A crash: what a killed process leaves behind is the last commit, and a lease that runs out. */
export class Crash extends Error {}

export async function importRig(
  store: Store,
  over: Partial<Pick<ImportWorkerOptions, "openSource" | "onRemoteRow" | "maps">> = {},
) {
  const folder = await testFolder();
  const clock = fakeClock(NOW);
  const emitted: AppEvent[] = [];
  const events = new Events((error) => {
    throw error;
  });
  events.on("contacts-imported", (event) => emitted.push(event));
  const openSource: OpenSource = createOpenSource({
    csv: createCsvSource({ roots: [folder.path] }),
    records: openRecords,
    lemlist: null,
    hubspot: null,
  });
  const worker = createImportWorker({ store, openSource, clock, log: keptLog(), events, ...over });
  let jobs = 0;

  /** Claims the job and runs it; `beforeSave` may throw to crash inside the batch's transaction. */
  async function run(jobId: string, beforeSave: (saves: number) => void = () => undefined) {
    const owner = `owner-${clock.now()}-${Math.trunc(performance.now() * 1_000)}`;
    const lease_until = new Date(clock.now() + 1_000).toISOString();
    const job = await store.jobs.claim({ jobId, owner, now: clock.iso(), lease_until });
    if (job === null) throw new Error("the job could not be claimed");
    let saves = 0;
    const patch = await worker.run({
      job,
      signal: AbortSignal.timeout(30_000),
      save: async (change, within) => {
        saves += 1;
        beforeSave(saves);
        await (within ?? store).jobs.save(jobId, owner, change);
      },
    });
    await store.jobs.finish(jobId, owner, { ...patch, status: "completed", now: clock.iso() });
    return patch;
  }

  async function create(args: Readonly<Record<string, unknown>>): Promise<string> {
    jobs += 1;
    const job_id = `import_${jobs}`;
    await store.jobs.create({ job_id, kind: "import", args, now: clock.iso() });
    return job_id;
  }

  return {
    clock,
    emitted,
    create,
    run,
    file: (
      content: string,
      modifiedAt = "2026-11-20T00:00:00.000Z",
      name = "contacts.csv",
    ): Promise<string> => folder.write(name, content, modifiedAt),
    /** Creates a job and runs it to its end. */
    async import(
      args: Readonly<Record<string, unknown>>,
    ): Promise<JobPatch & { readonly jobId: string }> {
      const jobId = await create(args);
      return { ...(await run(jobId)), jobId };
    },
    /** Runs until the crash; the lease has run out afterwards. */
    async crash(jobId: string, atSave: number): Promise<void> {
      const thrown = await run(jobId, (saves) => {
        if (saves === atSave) throw new Crash("killed");
      }).catch((error: unknown) => error);
      if (!(thrown instanceof Crash))
        throw new Error("the import did not crash", { cause: thrown });
      clock.advance(60_000);
    },
    contact: (email: string): Promise<Contact> => contactByEmail(store, email),
    async all(): Promise<readonly Contact[]> {
      const contacts: Contact[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.contacts.query({
          filter: {},
          limit: 100,
          sort: { field: "email", descending: false },
          ...(cursor === null ? {} : { cursor }),
        });
        contacts.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return contacts;
    },
  };
}
