/** Associates synced contacts with their companies, once each. */
import { AppError } from "../core/errors.ts";
import { type ContactSides, companyState } from "../core/sync-contact.ts";
import { type MendingRun, mendCompanyLinks } from "./sync-company-links.ts";

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
  run: MendingRun,
  members: readonly Member[],
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
  const answers = await run.crm.associate("contacts", "companies", pairs, run.call);
  const failures = new Map(
    answers.flatMap(({ ref, error }) => (error ? [[Number(ref), error] as const] : [])),
  );
  await blameCompanies(run, due, failures);
  const associated = due.filter(({ sides }) => !failures.has(sides.contact.id));
  return {
    associated: new Map(associated.map(({ sides, companyId }) => [sides.contact.id, companyId])),
    failures,
  };
}

/** Where the company is what HubSpot no longer has, its link is mended, and the contact is tried again with the right one. */
async function blameCompanies(
  run: MendingRun,
  due: readonly (Member & { readonly companyId: string })[],
  failures: Map<number, AppError>,
): Promise<void> {
  const suspects = due.filter(({ sides }) => isVerdict(failures.get(sides.contact.id)));
  const gone = await mendCompanyLinks(
    run,
    suspects.map(({ companyId }) => companyId),
  );
  for (const { sides, companyId } of suspects) {
    if (gone.has(companyId)) failures.set(sides.contact.id, companyGone());
  }
}

/** HubSpot answered, and did not associate; an outage says nothing about the company. */
function isVerdict(error: AppError | undefined): boolean {
  return error !== undefined && ["not-found", "unknown-outcome", "input"].includes(error.kind);
}

function companyGone(): AppError {
  return new AppError(
    "unavailable",
    "HubSpot deleted or merged this contact's company. The next try finds the company anew.",
    { code: "COMPANY_GONE" },
  );
}
