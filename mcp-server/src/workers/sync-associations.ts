/** Associates synced contacts with their companies, once each. */
import type { AppError } from "../core/errors.ts";
import { type ContactSides, companyState } from "../core/sync-contact.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";

// HubSpot's type ids (associations guide, read 2026-03): 1 makes the company the contact's primary one and
// adds 279; 279 alone leaves the primary company that people chose as it is.
const PRIMARY = 1;
const UNLABELED = 279;

/** A contact that HubSpot has, with the company it belongs to there; null when it has none. */
export interface Member {
  readonly sides: ContactSides;
  readonly hubspotId: string;
  readonly companyId: string | null;
}

/** HubSpot's property for a contact's primary company; read along with the mapped ones. */
export const primaryCompanyProperty = "associatedcompanyid";

function hasPrimary({ remote }: ContactSides): boolean {
  return (remote?.[primaryCompanyProperty] ?? null) !== null;
}

/** Associates those whose company is not the one of the last sync. Returns the failures by local id. */
export async function associateCompanies(
  crm: Crm,
  members: readonly Member[],
  call: CrmCall,
): Promise<{
  readonly associated: ReadonlyMap<number, string>;
  readonly failures: ReadonlyMap<number, AppError>;
}> {
  const due = members.flatMap((member) => {
    const { companyId, sides } = member;
    return companyId === null || sides.base[companyState] === companyId
      ? []
      : [{ ...member, companyId }];
  });
  if (due.length === 0) return { associated: new Map(), failures: new Map() };
  const pairs = due.map(({ sides, hubspotId, companyId }) => ({
    ref: String(sides.contact.id),
    fromId: hubspotId,
    toId: companyId,
    // Asked of HubSpot, not of who created the contact: a process that died in between would have forgotten that.
    typeId: hasPrimary(sides) ? UNLABELED : PRIMARY,
  }));
  const answers = await crm.associate("contacts", "companies", pairs, call);
  const failures = new Map(
    answers.flatMap(({ ref, error }) => (error ? [[Number(ref), error] as const] : [])),
  );
  const associated = due.filter(({ sides }) => !failures.has(sides.contact.id));
  return {
    associated: new Map(associated.map(({ sides, companyId }) => [sides.contact.id, companyId])),
    failures,
  };
}
