/** Takes over what HubSpot's people did to contacts' companies: the stored contact, its company, the base and the log at once. */
import { type CompanyBase, companyEntries, domainMark } from "../core/company-base.ts";
import { followedPatch, ownDomain, partedPatch } from "../core/company-follow.ts";
import type { CompanyMove } from "../core/company-move.ts";
import type { Contact, ContactPatch } from "../core/contact.ts";
import type { FieldRule } from "../core/field-map.ts";
import { reEnrichment, type SignificantField } from "../core/significant.ts";
import { companyState } from "../core/sync-contact.ts";
import type { LogLine } from "../core/sync-log-rows.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import type { CompanyRun, DecidedCompany } from "./company-reading.ts";
import { iso } from "./iso-time.ts";
import { linkFree } from "./sync-company-links.ts";
import { logRow } from "./sync-log-row.ts";

type Following = DecidedCompany & {
  readonly move: Extract<CompanyMove, { kind: "follow" | "parted" }>;
};

/** Which changes send a contact through enrichment again, and who hears of how many, before that is durable. */
export interface Reenriching {
  readonly fields: ReadonlySet<SignificantField>;
  readonly sentBack: (count: number) => void;
}

/** The decisions that change the local side. */
export function isFollowing(item: DecidedCompany): item is Following {
  return item.move.kind === "follow" || item.move.kind === "parted";
}

/** What following came to: new base entries by local id, and the contacts of which a stored field changed. */
export interface Followed {
  readonly bases: ReadonlyMap<number, Readonly<Record<string, CanonicalValue>>>;
  readonly changed: ReadonlySet<number>;
}

interface Change {
  readonly item: Following;
  readonly contact: Contact;
  readonly set: ContactPatch;
  readonly base: CompanyBase;
  /** The contact's domain afterwards. */
  readonly domain: string | null;
}

/**
 * Stores it all in one transaction, so that a crash leaves either nothing or the whole. A contact whose domain was changed since it was read is
 * left to the next look, which then sees that both sides moved.
 */
export async function followCompanies(
  run: CompanyRun,
  items: readonly Following[],
  { fields, sentBack }: Reenriching,
): Promise<Followed> {
  if (items.length === 0) return { bases: new Map(), changed: new Set() };
  const now = iso(run.now());
  return run.store.transaction(async (store) => {
    const changes = await changesOf(store, items, now);
    await keepCompanies(store, changes, now);
    const patches = changes
      .filter(({ set }) => Object.keys(set).length > 0)
      .map(({ contact, set }) => ({
        id: contact.id,
        set: { ...set, ...reEnrichment(contact, set, fields) },
      }));
    await store.contacts.update(patches, now);
    const back = patches.filter(({ set }) => set.status !== undefined).length;
    if (back > 0) sentBack(back);
    const bases = await keepBases(store, changes, now);
    await store.syncLog.add(changes.flatMap((change) => rowsOf(run.runId, change, now)));
    return { bases, changed: new Set(patches.map(({ id }) => id)) };
  });
}

async function changesOf(
  store: Store,
  items: readonly Following[],
  now: string,
): Promise<readonly Change[]> {
  const ids = items.map(({ planned }) => planned.sides.id);
  const rows = new Map((await store.contacts.findByIds(ids)).map((row) => [row.id, row]));
  const domains = await linkedDomains(store, items);
  const names = await companyNames(store, items, rows);
  return items.flatMap((item) => {
    const contact = rows.get(item.planned.sides.id);
    if (!contact || contact.domain !== item.planned.sides.contact.domain) return [];
    return [{ item, contact, ...changeOf(item, contact, { domains, names, now }) }];
  });
}

function changeOf(
  item: Following,
  contact: Contact,
  {
    domains,
    names,
    now,
  }: {
    readonly domains: ReadonlyMap<string, string>;
    readonly names: ReadonlyMap<string, string | null>;
    readonly now: string;
  },
): Pick<Change, "set" | "base" | "domain"> {
  if (item.move.kind === "parted") {
    const nameOf = (of: string | null): string | null => names.get(of ?? "") ?? null;
    const set = partedPatch(contact, isNameFree(item, contact) ? nameOf : null, now);
    const { domain = contact.domain } = set;
    const base = { company: null, primary: null, mark: domainMark(domain), made: null };
    return { set, base, domain };
  }
  const { company } = item.move;
  // Its link says which local company it is, also where HubSpot shows another domain by now.
  const domain = domains.get(company) ?? item.facts?.domain ?? null;
  const name = isNameFree(item, contact) ? (item.facts?.name ?? null) : null;
  const set = followedPatch(contact, { domain, name }, now);
  const base = { company, primary: company, mark: domainMark(domain), made: null };
  return { set, base, domain };
}

/** The domains of local companies, by the HubSpot ids that they are linked with. */
async function linkedDomains(
  store: Store,
  items: readonly Following[],
): Promise<ReadonlyMap<string, string>> {
  const ids = items.flatMap(({ move }) => (move.kind === "follow" ? [move.company] : []));
  const links = await store.links.byHubspotIds("companies", [...new Set(ids)]);
  const rows = await store.companies.findByIds(links.map(({ local_id }) => local_id));
  const domains = new Map(rows.map(({ id, domain }) => [id, domain]));
  return new Map(
    links.flatMap(({ local_id, hubspot_id }) => {
      const domain = domains.get(local_id);
      return domain === undefined ? [] : [[hubspot_id, domain] as const];
    }),
  );
}

/** Names by domain of the companies that contacts lose, and of those that their e-mails name. */
async function companyNames(
  store: Store,
  items: readonly Following[],
  rows: ReadonlyMap<number, Contact>,
): Promise<ReadonlyMap<string, string | null>> {
  const domains = items.flatMap(({ move, planned }) => {
    const contact = rows.get(planned.sides.id);
    if (move.kind !== "parted" || !contact) return [];
    return [contact.domain, ownDomain(contact)].filter((domain) => domain !== null);
  });
  const known = domains.length > 0 ? await store.companies.findByDomains(domains) : [];
  return new Map(known.map(({ domain, name }) => [domain, name]));
}

/**
 * A company's name is a field of its own, which both sides may change: where they just did, or where only HubSpot's text counts, that decides. At
 * the first look it fills what is empty.
 */
function isNameFree({ planned, view }: Following, contact: Contact): boolean {
  const { sides, plan } = planned;
  if (view.base === null && contact.company !== null) return false;
  if (contact.company !== sides.contact.company) return false;
  return !plan.fields.some(({ rule }) => isName(rule));
}

function isName({ path }: FieldRule): boolean {
  return path.length === 1 && path[0] === "company";
}

/** A local company for each that was followed, linked where both are free. */
async function keepCompanies(store: Store, changes: readonly Change[], now: string): Promise<void> {
  const byDomain = new Map(
    changes.flatMap(({ item, domain }) => {
      const { move, facts } = item;
      if (move.kind !== "follow" || domain === null) return [];
      return [[domain, { hubspotId: move.company, name: facts?.name ?? null }] as const];
    }),
  );
  if (byDomain.size === 0) return;
  const rows = await store.companies.upsert(
    [...byDomain].map(([domain, { name }]) => ({
      domain,
      name,
      firmographics: null,
      summary: null,
    })),
    now,
  );
  const links = rows.flatMap(({ id, domain }) => {
    const hubspot_id = byDomain.get(domain)?.hubspotId;
    return hubspot_id === undefined ? [] : [{ local_id: id, hubspot_id }];
  });
  await linkFree(store, links, now);
}

async function keepBases(
  store: Store,
  changes: readonly Change[],
  synced_at: string,
): Promise<Followed["bases"]> {
  const ids = changes.map(({ contact }) => contact.id);
  const states = await store.fieldStates.get("contacts", ids);
  const stored = new Map(states.map(({ local_id, base }) => [local_id, base]));
  const bases = new Map(
    changes.map(({ contact, base }) => [
      contact.id,
      companyEntries(stored.get(contact.id) ?? {}, base),
    ]),
  );
  await store.fieldStates.put(
    [...bases].map(([local_id, entries]) => ({
      object: "contacts" as const,
      local_id,
      base: { ...stored.get(local_id), ...entries },
      synced_at,
    })),
  );
  return bases;
}

/** One row for the association, and one for what it changed here. */
function rowsOf(
  runId: string,
  { item, contact, set, base }: Change,
  now: string,
): readonly Omit<SyncLogEntry, "id">[] {
  const { move, planned, view } = item;
  const { rule } = move;
  const before = view.base?.primary ?? view.base?.company ?? null;
  const shared = { ...logRow(runId, planned.sides, now), outcome: "done" as const };
  const company = { field: companyState, before, after: base.company, rule };
  const lost = "lost" in move ? { lost: move.lost } : {};
  const lines: readonly LogLine[] = (["domain", "company"] as const).flatMap((field) => {
    const after = set[field];
    return after === undefined ? [] : [{ field, before: contact[field], after, rule }];
  });
  const association = {
    ...shared,
    action: "associate" as const,
    fields: [{ ...company, ...lost }],
  };
  if (lines.length === 0) return [association];
  return [association, { ...shared, action: "pull" as const, fields: lines }];
}
