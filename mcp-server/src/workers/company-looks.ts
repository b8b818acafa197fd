/** Looks at companies that contacts belong to and of which HubSpot said something: merged, deleted, restored, renamed. */

import type { Company } from "../core/company.ts";
import { readCompanyBase } from "../core/company-base.ts";
import { type CompanyFacts, companyFactsOf } from "../core/company-follow.ts";
import type { LogLine } from "../core/sync-log-rows.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { FieldState } from "../ports/sync-store.ts";
import { markContactsOf } from "./company-marks.ts";
import { iso } from "./iso-time.ts";
import { linkFree, type MendingRun, mendLinks } from "./sync-company-links.ts";

const domainMoved = "HubSpot's company has another domain by now: the link stays";

/** What a look stands on. */
export interface CompanyLook extends MendingRun {
  readonly runId: string;
}

/**
 * Brings links and names of local companies up to date with these HubSpot companies. Links follow merges, and go with what HubSpot deleted; contacts
 * that were last seen with such a company are marked for a look of their own. A name follows HubSpot's. A domain does not: contacts are told
 * apart by it, so the link stays and the log tells of it once. Doing it twice is harmless; throws what HubSpot's failing means, having changed nothing.
 */
export async function lookAtCompanies(
  run: CompanyLook,
  hubspotIds: readonly string[],
): Promise<void> {
  if (hubspotIds.length === 0) return;
  const ask = { ids: [...new Set(hubspotIds)], properties: ["domain", "name"] };
  const read = await run.crm.read("companies", ask, run.call);
  const { found, missing, merged } = read;
  // Marked before the links go: after a crash in between, the links still say whom to mark.
  await markContacts(run, [...missing, ...merged.keys()]);
  await mendLinks(run.store, read, iso(run.now()));
  await run.store.transaction(async (store) => {
    await linkRestored(store, found, iso(run.now()));
    await takeNames(run, store, found);
  });
}

/** Only those whose base names a company that is no more: for the others nothing has changed. */
async function markContacts(run: CompanyLook, untrue: readonly string[]): Promise<void> {
  if (untrue.length === 0) return;
  const { store } = run;
  const ids = new Set(untrue);
  const links = await store.links.byHubspotIds("companies", untrue);
  const rows = await store.companies.findByIds(links.map(({ local_id }) => local_id));
  const isConcerned = (base: FieldState["base"]): boolean => {
    const known = readCompanyBase(base);
    return [known?.company, known?.primary, known?.made].some((id) => id && ids.has(id));
  };
  for (const { domain } of rows)
    await markContactsOf(store, domain, { isConcerned, now: iso(run.now()) });
}

/** A company that is back finds the local one that it was linked with, or that has its domain, if that has no other by now. */
async function linkRestored(store: Store, found: readonly CrmRecord[], now: string): Promise<void> {
  const idOf = new Map(
    found.flatMap(({ id, properties }) => {
      const { domain } = companyFactsOf(properties);
      return domain === null ? [] : [[domain, id] as const];
    }),
  );
  const rows = idOf.size > 0 ? await store.companies.findByDomains([...idOf.keys()]) : [];
  const back = await store.companies.findByDeletedIds(found.map(({ id }) => id));
  const restored = back.map(({ id, hubspot_deleted_id }) => [id, hubspot_deleted_id] as const);
  const sameDomain = rows.map(({ id, domain }) => [id, idOf.get(domain)] as const);
  const wanted = [...restored, ...sameDomain].flatMap(([local_id, hubspot_id]) =>
    hubspot_id ? [{ local_id, hubspot_id }] : [],
  );
  await linkFree(store, wanted, now);
}

interface Known {
  readonly row: Company;
  readonly hubspotId: string;
  readonly facts: CompanyFacts;
}

async function takeNames(
  run: CompanyLook,
  store: Store,
  found: readonly CrmRecord[],
): Promise<void> {
  const known = await knownAmong(store, found);
  const renamed = known.filter(({ row, facts }) => facts.name !== null && facts.name !== row.name);
  const now = iso(run.now());
  if (renamed.length > 0)
    await store.companies.upsert(
      renamed.map(({ row: { domain }, facts: { name } }) => ({
        domain,
        name,
        firmographics: null,
        summary: null,
      })),
      now,
    );
  await tell(
    run,
    store,
    renamed.map((one) => ({ ...one, line: nameLine(one) })),
  );
  const moved: (Known & { line: LogLine })[] = [];
  for (const one of known) {
    const line = domainLine(one);
    if (line !== null && !(await isTold(store, one.row, line))) moved.push({ ...one, line });
  }
  await tell(run, store, moved);
}

async function knownAmong(store: Store, found: readonly CrmRecord[]): Promise<readonly Known[]> {
  const facts = new Map(found.map(({ id, properties }) => [id, companyFactsOf(properties)]));
  const links = await store.links.byHubspotIds("companies", [...facts.keys()]);
  const idOf = new Map(links.map(({ local_id, hubspot_id }) => [local_id, hubspot_id]));
  const rows = await store.companies.findByIds([...idOf.keys()]);
  return rows.flatMap((row) => {
    const hubspotId = idOf.get(row.id) ?? "";
    const own = facts.get(hubspotId);
    return own ? [{ row, hubspotId, facts: own }] : [];
  });
}

function nameLine({ row, facts }: Known): LogLine {
  return { field: "name", before: row.name, after: facts.name, rule: "HubSpot's name" };
}

function domainLine({ row, facts }: Known): LogLine | null {
  if (facts.domain === null || facts.domain === row.domain) return null;
  return { field: "domain", before: row.domain, after: facts.domain, rule: domainMoved };
}

// A company's log is short: its names and domains.
const LOG_ROWS = 20;

async function isTold(store: Store, row: Company, line: LogLine): Promise<boolean> {
  const log = await store.syncLog.forRecord("companies", row.id, LOG_ROWS);
  return log.some(({ fields }) =>
    fields.some(({ field, after }) => field === line.field && after === line.after),
  );
}

async function tell(
  run: CompanyLook,
  store: Store,
  told: readonly (Known & { readonly line: LogLine })[],
): Promise<void> {
  if (told.length === 0) return;
  const now = iso(run.now());
  await store.syncLog.add(
    told.map(({ row, hubspotId, line }) => ({
      run_id: run.runId,
      object: "companies" as const,
      local_id: row.id,
      hubspot_id: hubspotId,
      action: line.field === "name" ? ("pull" as const) : ("none" as const),
      outcome: "done" as const,
      fields: [line],
      marker: null,
      error: null,
      created_at: now,
      finished_at: now,
    })),
  );
}
