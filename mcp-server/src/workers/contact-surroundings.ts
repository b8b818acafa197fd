/** What is written around contacts: their companies, the associations with them, and a note per enrichment. */
import { digest } from "../core/digest.ts";
import { type ContactSide, companyState, noteState } from "../core/sync-contact.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import { iso } from "./iso-time.ts";
import { associateCompanies, type Member } from "./sync-associations.ts";
import { resolveCompanies } from "./sync-companies.ts";
import type { Results, Surrounding, SyncRun } from "./sync-kind.ts";
import { writeNotes } from "./sync-notes.ts";

/** Writes the contacts and, beside and after them, what belongs to them. A run that only pulls makes no companies and no notes. */
export async function aroundContacts(
  run: SyncRun,
  planned: readonly PlannedRecord<ContactSide>[],
  write: () => Promise<Results>,
): Promise<Surrounding> {
  const isPull = run.direction === "pull";
  const contacts = isPull ? [] : planned.map(({ sides }) => sides.contact);
  const [results, companies] = await both(
    write(),
    resolveCompanies(run, contacts, { call: run.call, now: iso(run.now()) }),
  );
  const members = membersOf(planned, results, companies.ids);
  const [associations, notes] = await both(
    associateCompanies(run, members),
    writeNotes(run, isPull ? [] : members),
  );
  const failures = members.flatMap(({ sides: { id, contact } }) => {
    const failure =
      companies.failures.get(contact.domain ?? "") ??
      associations.failures.get(id) ??
      notes.failures.get(id);
    return failure ? [[id, failure] as const] : [];
  });
  return {
    results,
    failures: new Map(failures),
    bases: basesOf(members, associations.associated, notes.noted),
    effects: {
      companies_created: companies.created,
      associations: associations.associated.size,
      notes: notes.created,
    },
  };
}

/** Waits for both even when one fails, so that nothing goes on writing behind the caller's back. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

function membersOf(
  planned: readonly PlannedRecord<ContactSide>[],
  results: Results,
  companyIds: ReadonlyMap<string, string>,
): readonly Member[] {
  return planned.flatMap(({ sides }) => {
    const result = results.get(sides.id);
    if (result?.kind !== "settled") return [];
    const companyId = companyIds.get(sides.contact.domain ?? "") ?? null;
    return [{ sides, hubspotId: result.hubspotId, companyId }];
  });
}

function basesOf(
  members: readonly Member[],
  associated: ReadonlyMap<number, string>,
  noted: ReadonlyMap<number, string>,
): ReadonlyMap<number, Readonly<Record<string, string>>> {
  const entries = members.flatMap(({ sides: { id } }) => {
    const company = associated.get(id);
    const note = noted.get(id);
    if (company === undefined && note === undefined) return [];
    const base: Record<string, string> = {};
    if (company !== undefined) base[companyState] = company;
    if (note !== undefined) base[noteState] = digest(note);
    return [[id, base] as const];
  });
  return new Map(entries);
}
