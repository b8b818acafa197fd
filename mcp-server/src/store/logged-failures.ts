/** What failed lately, by cause. */
import { sql } from "kysely";
import { EXAMPLES, groupByCause, type LoggedError } from "../core/failure-causes.ts";
import type { FailureGroup, SyncObject } from "../ports/sync-store.ts";
import type { Db } from "./tables.ts";

// After an outage over many records the newest failures are counted and no more: reading on would take seconds and tell nothing else.
const MOST_READ = 20_000;

/**
 * Failures since a time, grouped by cause. An index leads to them, newest first; each error comes with its latest records only. What failed at
 * first and was done later is no failure, though its error is kept.
 */
export async function failuresSince(
  db: Db,
  since: string,
  limit: number,
): Promise<readonly FailureGroup[]> {
  const found = await sql<LoggedError<SyncObject>>`
    select error, object, local_id, last_id, total as count from (
      select error, object, local_id, max(id) as last_id,
        cast(sum(count(*)) over (partition by error) as bigint) as total,
        row_number() over (partition by error order by max(id) desc) as place
      from (
        select error, object, local_id, id from sync_log
        where error is not null and finished_at >= ${since} and outcome in ('rejected', 'failed', 'unknown')
        order by finished_at desc limit ${MOST_READ}
      ) as newest
      group by error, object, local_id
    ) as ranked
    where place <= ${EXAMPLES}`.execute(db);
  return groupByCause(found.rows, limit);
}
