/** The update benchmark: contacts that are synced already change here, each in one or two fields, by another program's plain SQL. */
import Database from "better-sqlite3";
import { type SyncBenchOptions, seedBothSides } from "./sync.ts";
import { measuredSync, rounded, syncFigures, WINDOW_MS, withSyncRig } from "./sync-rig.ts";

/** Figures of the sync that follows the changes. `floor_requests`: one read and one write per 100 contacts. */
export async function benchUpdate(options: SyncBenchOptions): Promise<Record<string, unknown>> {
  const { contacts, burstLimit } = options;
  return withSyncRig({ burstLimit, cap: contacts }, async (rig) => {
    await seedBothSides(rig, options);
    await measuredSync(rig);
    // Else the first sync's requests would count against the second one's budget.
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
    const change = changeAll(rig.databasePath);
    const figures = syncFigures(await measuredSync(rig), options);
    return {
      contacts,
      burstLimit,
      ...change,
      ...figures,
      floor_requests: 2 * Math.ceil(contacts / 100),
    };
  });
}

/** Every contact gets another title, every second one another city, too; in one transaction, whose seconds are returned. */
function changeAll(path: string): Record<string, number> {
  const database = new Database(path, { timeout: 10_000 });
  try {
    const started = performance.now();
    database.exec(`begin immediate;
      update contacts set job_title = 'Head of Finance ' || id where id % 2 = 0;
      update contacts set job_title = 'Head of Finance ' || id, city = 'Town ' || (id % 500) where id % 2 = 1;
      commit`);
    const seconds = (performance.now() - started) / 1_000;
    const { changes } = countChanges(database);
    return { changed_fields: changes, sql_seconds: rounded(seconds) };
  } finally {
    database.close();
  }
}

function countChanges(database: Database.Database): { changes: number } {
  const counted = database
    .prepare<[], { changes: number }>(
      "select count(*) as changes from change_log where changed_by = 'sql'",
    )
    .get();
  return counted ?? { changes: 0 };
}
