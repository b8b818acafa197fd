/** What is written around contacts: their companies, the associations with them, and a note per enrichment. */
import { digest } from "../core/digest.ts";
import { otherKeysEntry } from "../core/other-keys.ts";
import { type ContactSide, noteState } from "../core/sync-contact.ts";
import type { PlannedRecord, RecordResult } from "../core/sync-record.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import { followCompanies, isFollowing, type Reenriching } from "./company-following.ts";
import { type CompaniesDecided, decideCompanies } from "./company-reading.ts";
import { associateCompanies, type Joining, type Member } from "./sync-associations.ts";
import type { Results, Surrounding, SyncKind } from "./sync-kind.ts";
import { writeNotes } from "./sync-notes.ts";

/**
 * Writes the contacts and, beside and after them, what belongs to them. A run that only pulls takes over HubSpot's companies and makes no companies,
 * associations and notes; one that only pushes leaves the contacts' companies as they are here.
 */
export function contactSurroundings(reenriching: Reenriching): SyncKind<ContactSide>["around"] {
  return async (run, planned, write) => {
    const [written, companies] = await both(write(), decideCompanies(run, planned));
    const members = membersOf(planned, written);
    const moving = movesOf(members, companies);
    // In HubSpot first: what is taken over here may send the contact on, and a note must still find it as it was planned.
    const [associated, notes] = await both(
      associateCompanies(run, moving.joining),
      writeNotes(run, run.direction === "pull" ? [] : members),
    );
    const followed = await followCompanies(run, moving.following, reenriching);
    const failed = [companies.resolved.failures, associated.failures, notes.failures] as const;
    return {
      results: withPulls(written, followed.changed),
      failures: failuresOf(members, moving.open, failed),
      bases: basesOf([
        associated.bases,
        followed.bases,
        noteBases(notes.noted),
        addressBases(members),
      ]),
      effects: {
        companies_created: companies.resolved.created,
        company_deleted: [...moving.open.values()].filter((domain) =>
          companies.resolved.withheld.has(domain),
        ).length,
        associations: associated.made,
        associations_ended: associated.ended,
        companies_followed: followed.changed.size,
        notes: notes.created,
      },
    };
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
): readonly Member[] {
  return planned.flatMap(({ sides }) => {
    const result = results.get(sides.id);
    return result?.kind === "settled" ? [{ sides, hubspotId: result.hubspotId }] : [];
  });
}

/** The decisions of contacts that HubSpot has, by where they are carried out. `open`: domains whose company could not be had, by local id. */
function movesOf(members: readonly Member[], { decided, resolved }: CompaniesDecided) {
  const items = members.flatMap(({ sides, hubspotId }) => {
    const item = decided.get(sides.id);
    return item ? [{ item, hubspotId }] : [];
  });
  const open = new Map<number, string>();
  const joining: Joining[] = [];
  for (const { item, hubspotId } of items) {
    if (isFollowing(item)) continue;
    const { domain } = item.view;
    const companyId = resolved.ids.get(domain ?? "") ?? null;
    if (item.move.kind === "rest") joining.push({ item, hubspotId, companyId: null });
    else if (companyId !== null) joining.push({ item, hubspotId, companyId });
    else open.set(item.planned.sides.id, domain ?? "");
  }
  return { joining, open, following: items.map(({ item }) => item).filter(isFollowing) };
}

function failuresOf(
  members: readonly Member[],
  open: ReadonlyMap<number, string>,
  [companies, associated, notes]: readonly [
    CompaniesDecided["resolved"]["failures"],
    Surrounding["failures"],
    Surrounding["failures"],
  ],
): Surrounding["failures"] {
  return new Map(
    members.flatMap(({ sides: { id } }) => {
      const failure = companies.get(open.get(id) ?? "") ?? associated.get(id) ?? notes.get(id);
      return failure ? [[id, failure] as const] : [];
    }),
  );
}

function noteBases(noted: ReadonlyMap<number, string>): Surrounding["bases"] {
  return new Map([...noted].map(([id, marker]) => [id, { [noteState]: digest(marker) }]));
}

/** Which further addresses HubSpot knows the person by. */
function addressBases(members: readonly Member[]): Surrounding["bases"] {
  return new Map(
    members.flatMap(({ sides: { id, key, base, remote } }) => {
      const entry = remote === null ? {} : otherKeysEntry(base, key, remote);
      return Object.keys(entry).length > 0 ? [[id, entry] as const] : [];
    }),
  );
}

function basesOf(parts: readonly Surrounding["bases"][]): Surrounding["bases"] {
  const all = new Map<number, Readonly<Record<string, CanonicalValue>>>();
  for (const part of parts) for (const [id, base] of part) all.set(id, { ...all.get(id), ...base });
  return all;
}

/** A contact that got HubSpot's company was pulled, whatever else became of it. */
function withPulls(results: Results, changed: ReadonlySet<number>): Results {
  const pulled = [...changed].flatMap((id): readonly (readonly [number, RecordResult])[] => {
    const result = results.get(id);
    const isQuiet = result?.kind === "settled" && ["linked", "unchanged"].includes(result.outcome);
    return isQuiet ? [[id, { ...result, outcome: "pulled" }]] : [];
  });
  return new Map([...results, ...pulled]);
}
