/** The end of the trouble: servers alive, time for everything that waits, and a look by everybody at everything. */
import { count, runJob, type SoakWorld } from "./world.ts";

const PATIENCE_MS = 90_000;
const ROUNDS = 6;

/** Resolves with whether nothing waits any more; what still does is told. */
export async function settle(world: SoakWorld): Promise<readonly string[]> {
  world.simulator.hubspot.configure({ webhookDropShare: 0 });
  let open: readonly string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await letTimePass(world);
    await job(world, "/api/sync/hubspot", {});
    open = await untilQuiet(world);
    if (open.length === 0) break;
    count(world, "settle_rounds");
  }
  await job(world, "/api/sync/hubspot", { mode: "reconcile" });
  await job(world, "/api/sync/hubspot", {});
  return untilQuiet(world);
}

/**
 * Stands for the hours in which retries come due, leases of the dead run out and a dead HubSpot is tried again. Only right while no
 * server runs. Leases end and are not taken away: whoever finds one that nobody gave back knows that a try was cut off.
 */
async function letTimePass({ fleet, sql }: SoakWorld): Promise<void> {
  for (const place of fleet.places) await fleet.kill(place);
  const now = new Date().toISOString();
  sql.exec(`
    update jobs set lease_until = '2000-01-01T00:00:00.000Z' where status = 'running';
    update leases set until = '2000-01-01T00:00:00.000Z';
    update sync_queue set lease_until = '2000-01-01T00:00:00.000Z' where lease_until > '';
    update hubspot_queue set lease_until = '2000-01-01T00:00:00.000Z' where lease_until > '';
    update sync_queue set due_at = min(due_at, '${now}');
    update hubspot_queue set due_at = min(due_at, '${now}');
    update contacts set retry_at = '${now}' where retry_at > '${now}';
    delete from shared_state where name like 'circuit:%' or name like 'limits:%';
  `);
  for (const place of fleet.places) await fleet.start(place);
}

/** A job may be refused because one is at work; its end is waited for anyway. */
async function job({ fleet }: SoakWorld, path: string, args: object): Promise<void> {
  const { status, ...rest } = await runJob(fleet, path, args);
  if (status !== "completed") process.stderr.write(`${path} ${status}: ${JSON.stringify(rest)}\n`);
}

async function untilQuiet(world: SoakWorld): Promise<readonly string[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const open = openIn(world);
    if (open.length === 0 || Date.now() > deadline) return open;
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

function openIn({ sql, simulator }: SoakWorld): readonly string[] {
  const now = new Date().toISOString();
  const rows = sql
    .prepare<[string], { open: string }>(
      `select * from (
         select 'notification ' || event_id as open from webhook_events where processed_at is null
         union all select 'sync_queue ' || object || ' ' || local_id || ' ' || reason || ' due ' || due_at from sync_queue
         union all select 'hubspot_queue ' || object || ' ' || hubspot_id || ' due ' || due_at from hubspot_queue
         union all select kind || ' ' || status from jobs where status in ('queued', 'running')
         union all select email || ' is ' || status from contacts where status in ('imported', 'enriching', 'enriched', 'syncing')
         union all select email || ' is due' from contacts where status = 'failed' and retry_at <= ?
       ) limit 12`,
    )
    .all(now);
  const untold = simulator.hubspot.webhooks.pending().length;
  return [...rows.map(({ open }) => open), ...(untold > 0 ? [`${untold} not notified yet`] : [])];
}
