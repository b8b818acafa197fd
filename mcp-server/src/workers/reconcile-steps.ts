/** The two steps of a reconciliation: HubSpot's list page by page, and then what only this side has. */
import { addTo } from "../core/reconcile-tally.ts";
import { iso } from "./iso-time.ts";
import { type ComparedPage, comparePage } from "./reconcile-page.ts";
import { noteAgreed, repairPending } from "./reconcile-repairs.ts";
import { keepPlace, type Walk } from "./reconcile-walk.ts";

// Fills HubSpot's batches of 100, and keeps the time between a finding and its repair short.
const REPAIR_AT = 500;
const PAGE_HERE = 1_000;

/** Walks the rest of HubSpot's list. Each page is kept before the next one is asked for, so that an interruption costs one page. */
export async function takeList(walk: Walk): Promise<void> {
  const { run } = walk.kindRun;
  const { kind, crm, call } = run;
  const properties = [...new Set([...kind.map.properties, ...kind.alsoRead, kind.keyProperty])];
  const { after } = walk.at;
  const ask = { properties, ...(after === null ? {} : { after }) };
  for await (const page of crm.list(kind.crmObject, ask, call)) {
    call.signal?.throwIfAborted();
    const { last, findings } = walk.at;
    const { records } = page;
    const isLast = page.after === null;
    const compared = await comparePage(walk.comparing, { records, last, isLast }, findings);
    await passOn(walk, compared);
    walk.at = {
      ...walk.at,
      stage: isLast ? "here" : "list",
      after: page.after,
      last: records.at(-1)?.id ?? last,
      findings: compared.findings,
    };
    await keepPlace(walk);
    if (walk.at.pending.length >= REPAIR_AT) await repairPending(walk);
  }
}

/** A dry run passes nothing on. */
async function passOn(walk: Walk, { repairs, gone, agreed, news }: ComparedPage): Promise<void> {
  if (walk.syncing.args.dryRun) return;
  const { run } = walk.kindRun;
  const due_at = iso(run.now());
  await noteAgreed(run, agreed);
  await run.store.remoteQueue.add(
    news.map((hubspot_id) => ({ object: "contacts", hubspot_id, kind: "look", due_at })),
  );
  walk.at = {
    ...walk.at,
    pending: [...walk.at.pending, ...repairs],
    gone: [...walk.at.gone, ...gone.map(({ local_id, hubspot_id }) => ({ local_id, hubspot_id }))],
  };
}

/** Counts the records without a link. They are never created from here: they may be waiting, or be meant to stay. */
export async function takeHere(walk: Walk): Promise<void> {
  const { store, kind, call } = walk.kindRun.run;
  const { object } = kind.map;
  for (;;) {
    call.signal?.throwIfAborted();
    const page = { afterId: walk.at.here_after, limit: PAGE_HERE };
    const ids = await store.links.unlinked(object, page);
    const last = ids.at(-1);
    if (last === undefined) return;
    const findings = addTo(walk.at.findings, "only_here", ids.map(String));
    walk.at = { ...walk.at, here_after: last, findings };
    await keepPlace(walk);
  }
}
