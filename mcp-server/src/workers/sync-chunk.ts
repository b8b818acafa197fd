/** Syncs one bounded set of contacts: read three sides, let the core plan, write, associate, note, settle. */
import type { Contact } from "../core/contact.ts";
import type { FieldMap } from "../core/field-map.ts";
import type { RunDirection } from "../core/plan.ts";
import {
  type ContactSides,
  doneEnd,
  type PlannedContact,
  planContact,
  type RecordResult,
  type SyncEnd,
} from "../core/sync-contact.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import { associateCompanies, type Member } from "./sync-associations.ts";
import { resolveCompanies } from "./sync-companies.ts";
import { endOf } from "./sync-end.ts";
import { writeNotes } from "./sync-notes.ts";
import { writeRecords } from "./sync-records.ts";
import { settleChunk } from "./sync-settle.ts";
import { goneError, readSides, twinError } from "./sync-sides.ts";

export interface ChunkRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly map: FieldMap;
  readonly runId: string;
  readonly owner: string;
  readonly direction: RunDirection;
  readonly call: CrmCall;
  readonly now: () => number;
}

/** What a chunk came to: one outcome per contact, side effects counted, failures with the contact's local id. */
export interface ChunkReport {
  readonly counts: Readonly<Record<string, number>>;
  /** Contacts that need no further look in this run. */
  readonly done: number;
  readonly failures: readonly {
    readonly code: string;
    readonly message: string;
    readonly example: string;
  }[];
}

/** Plans contacts without writing anything anywhere. */
export async function planChunk(
  run: ChunkRun,
  contacts: readonly Contact[],
): Promise<{
  readonly planned: readonly PlannedContact[];
  readonly ended: ReadonlyMap<number, SyncEnd>;
}> {
  const { sides, gone, twins } = await readSides(run, contacts, run.call);
  const ended = new Map<number, SyncEnd>();
  for (const contact of gone) ended.set(contact.id, endOf(run, goneError()));
  for (const contact of twins) ended.set(contact.id, endOf(run, twinError()));
  const planned = sides.map((side) => ({
    sides: side,
    plan: planContact(run.map, side, run.direction),
  }));
  return { planned: await withTimes(run, planned), ended };
}

/** LATEST_WINS needs HubSpot's own time per field; it is asked for only where both sides moved. */
async function withTimes(
  run: ChunkRun,
  planned: readonly PlannedContact[],
): Promise<readonly PlannedContact[]> {
  const open = planned.filter(
    ({ plan, sides }) => plan.needsTimes.length > 0 && sides.hubspotId !== null,
  );
  if (open.length === 0) return planned;
  const ids = open.flatMap(({ sides }) => sides.hubspotId ?? []);
  const properties = [...new Set(open.flatMap(({ plan }) => plan.needsTimes))];
  const times = await run.crm.propertyTimes("contacts", { ids, properties }, run.call);
  return planned.map((item) => {
    if (!open.includes(item)) return item;
    const sides: ContactSides = {
      ...item.sides,
      remoteAt: times.get(item.sides.hubspotId ?? "") ?? {},
    };
    return { sides, plan: planContact(run.map, sides, run.direction) };
  });
}

/**
 * Marks contacts as being synced and returns them with the states they came from, both in one transaction: whoever changes one later
 * sees the mark, and whoever changed it before is read.
 */
export async function takeOn(
  { store, now }: ChunkRun,
  ids: readonly number[],
): Promise<readonly Contact[]> {
  return store.transaction(async (within) => {
    const contacts = await within.contacts.findByIds(ids);
    await within.contacts.updateAll(ids, { status: "syncing" }, iso(now()));
    return contacts;
  });
}

/**
 * Syncs contacts that the caller has claimed from the queue and taken on, and settles their queue entries. `written` hears what became of
 * the records as soon as it is durable, for a caller that must report even when a later step throws.
 */
export async function syncChunk(
  run: ChunkRun,
  contacts: readonly Contact[],
  written: (results: ReadonlyMap<number, RecordResult>) => void,
): Promise<ChunkReport> {
  const { planned, ended } = await planChunk(run, contacts);
  const ends = new Map(ended);
  const [results, companies] = await both(
    writeRecords(run, planned).then((done) => {
      written(done);
      return done;
    }),
    resolveCompanies(
      run,
      run.direction === "pull" ? [] : planned.map(({ sides }) => sides.contact),
      {
        call: run.call,
        now: iso(run.now()),
      },
    ),
  );
  const members = membersOf(planned, results, companies.ids);
  const [associations, notes] = await both(
    associateCompanies(run, members),
    writeNotes(run, run.direction === "pull" ? [] : members),
  );
  for (const { sides } of members) {
    const id = sides.contact.id;
    const result = results.get(id);
    const failure =
      (result?.kind === "settled" ? result.failure : null) ??
      companies.failures.get(sides.contact.domain ?? "") ??
      associations.failures.get(id) ??
      notes.failures.get(id);
    ends.set(id, failure ? endOf(run, failure) : doneEnd(sides.contact, run.direction));
  }
  for (const [id, result] of results) if (result.kind === "ended") ends.set(id, result.end);
  const final = await settleChunk(run, {
    contacts,
    planned,
    members,
    results,
    ends,
    associated: associations.associated,
    noted: notes.noted,
  });
  return report({
    results,
    ends: final,
    effects: {
      companies_created: companies.created,
      associations: associations.associated.size,
      notes: notes.created,
    },
  });
}

/** Waits for both even when one fails, so that nothing goes on writing behind the caller's back. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

function membersOf(
  planned: readonly PlannedContact[],
  results: ReadonlyMap<number, RecordResult>,
  companyIds: ReadonlyMap<string, string>,
): readonly Member[] {
  return planned.flatMap(({ sides }) => {
    const result = results.get(sides.contact.id);
    if (result?.kind !== "settled") return [];
    const companyId = companyIds.get(sides.contact.domain ?? "") ?? null;
    return [{ sides, hubspotId: result.hubspotId, companyId }];
  });
}

/** One count per outcome of the records that were written. */
export function countWritten(
  results: ReadonlyMap<number, RecordResult>,
): Readonly<Record<string, number>> {
  return report({ results, ends: new Map(), effects: {} }).counts;
}

function report({
  results,
  ends,
  effects,
}: {
  results: ReadonlyMap<number, RecordResult>;
  ends: ReadonlyMap<number, SyncEnd>;
  effects: Readonly<Record<string, number>>;
}): ChunkReport {
  const counts: Record<string, number> = { ...effects };
  const failures: { code: string; message: string; example: string }[] = [];
  let done = 0;
  for (const id of new Set([...results.keys(), ...ends.keys()])) {
    const end = ends.get(id);
    if (end?.kind !== "again" && results.get(id)?.kind !== "adopt") done += 1;
    const outcome = outcomeName(results.get(id), end);
    if (outcome) counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (end?.kind === "failed")
      failures.push({ code: end.code, message: end.error, example: `contact ${id}` });
  }
  return { counts, done, failures };
}

/** One word per contact; one that is looked at again is counted then, and now only for what was written. */
function outcomeName(result: RecordResult | undefined, end: SyncEnd | undefined): string | null {
  if (end?.kind === "failed") return "failed";
  if (end?.kind === "again" && !hasWritten(result)) return null;
  if (result?.kind === "settled")
    return result.outcome === "conflict" ? "conflicts" : result.outcome;
  return result?.kind === "absent" ? "skipped" : null;
}

function hasWritten(result: RecordResult | undefined): boolean {
  if (result?.kind !== "settled") return false;
  return ["created", "updated", "pulled"].includes(result.outcome);
}
