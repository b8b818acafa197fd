/** What is about to be created of contacts' companies stands in the log before the request leaves, and how it ended beside the links. */
import type { Company } from "../core/company.ts";
import { AppError, toAppError } from "../core/errors.ts";
import type { WriteOutcome } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry, SyncLogStore } from "../ports/sync-store.ts";
import { linkFree } from "./sync-company-links.ts";

type Ends = Parameters<SyncLogStore["settle"]>[0];

/** Rows that were announced. */
export interface Announced {
  /** How they ended. */
  ends(outcomes: readonly WriteOutcome[]): Ends;
  /** Ends them all as unknown, for a run that failed as a whole, and throws its error on. */
  readonly failed: (thrown: unknown) => Promise<never>;
}

/** Announces creations. What an earlier process announced and did not live to answer ends here: who asks again has looked for it. */
export async function announceCompanies(
  { syncLog }: Store,
  about: {
    readonly runId: string;
    readonly unlinked: readonly Company[];
    readonly toCreate: readonly Company[];
    readonly now: string;
  },
): Promise<Announced> {
  const { unlinked, toCreate, now } = about;
  const waiting = unlinked.map(({ id }) => id);
  if (waiting.length > 0) await syncLog.abandon("companies", waiting, now);
  const rows = toCreate.map((company) => intentOf(company, about));
  const ids = rows.length > 0 ? await syncLog.add(rows) : [];
  const idOf = new Map(toCreate.map(({ domain }, n) => [domain, ids[n]]));
  return {
    ends: (outcomes) =>
      outcomes.flatMap((outcome) => {
        const id = idOf.get(outcome.ref);
        return id === undefined ? [] : [{ id, ...endOf(outcome) }];
      }),
    failed: async (thrown) => {
      const error = toAppError(thrown).message;
      await syncLog.settle(
        ids.map((id) => ({ id, outcome: "unknown", error })),
        now,
      );
      throw thrown;
    },
  };
}

function intentOf(
  { id, domain }: Company,
  { runId, now }: { readonly runId: string; readonly now: string },
): Omit<SyncLogEntry, "id"> {
  return {
    run_id: runId,
    object: "companies",
    local_id: id,
    hubspot_id: null,
    action: "create",
    outcome: "intent",
    fields: [{ field: "domain", before: null, after: domain, rule: "NEW_COMPANY" }],
    marker: null,
    error: null,
    created_at: now,
    finished_at: null,
  };
}

const outcomeOf = {
  rejected: "rejected",
  missing: "failed",
  failed: "failed",
  unknown: "unknown",
} as const;

function endOf(outcome: WriteOutcome): Omit<Ends[number], "id"> {
  if (outcome.kind === "written") return { outcome: "done", hubspot_id: outcome.record.id };
  return { outcome: outcomeOf[outcome.kind], error: companyError(outcome).message };
}

/** Links and the log's outcomes, together. */
export async function saveCompanies(
  store: Store,
  made: {
    readonly companies: readonly Company[];
    readonly ids: ReadonlyMap<string, string>;
    readonly now: string;
    readonly ends: Ends;
  },
): Promise<void> {
  const { companies, ids, now, ends } = made;
  const links = companies.flatMap(({ id, domain }) => {
    const hubspot_id = ids.get(domain);
    return hubspot_id ? [{ local_id: id, hubspot_id }] : [];
  });
  if (links.length === 0 && ends.length === 0) return;
  await store.transaction(async (within) => {
    await within.syncLog.settle(ends, now);
    // HubSpot's company may have been found by a domain that it took later: its link with the earlier one stays.
    if (links.length > 0) await linkFree(within, links, now);
  });
}

/** Why a contact's company could not be had. */
export function companyError(outcome: Exclude<WriteOutcome, { kind: "written" }>): AppError {
  if (outcome.kind === "failed" || outcome.kind === "unknown") return outcome.error;
  const code = outcome.kind === "rejected" ? outcome.code : "MISSING";
  return new AppError(
    "input",
    `HubSpot refused the company of this contact (${code}). Check its domain and name.`,
    {
      code: `COMPANY_${code}`,
    },
  );
}
