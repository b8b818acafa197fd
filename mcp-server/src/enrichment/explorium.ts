/** The CompanyData port over Explorium: match by domain in bulk, then enrich the matches in bulk. */
import type { z } from "zod";
import { AppError, toAppError } from "../core/errors.ts";
import type { CompanyData, CompanyLookup, CompanyLookups } from "../ports/enrichment.ts";
import type { Clock, Log } from "../ports/world.ts";
import { EntityBudget } from "./entity-budget.ts";
import { bulkAnswer, matchAnswer, toFirmographics } from "./explorium-answers.ts";
import { type ExploriumHttpOptions, postExplorium } from "./explorium-http.ts";

export type ExploriumEnrichment = "firmographics" | "technographics";

export interface ExploriumOptions {
  readonly apiKey: string;
  /** With the version, e.g. `https://api.explorium.ai/v1`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1; spreads retries. */
  readonly random: () => number;
  /** What is bought for each matched company; each costs credits. */
  readonly enrichments?: readonly ExploriumEnrichment[];
  /** The exact prices are not public; 1 credit per entity and call is assumed where an answer does not say. */
  readonly creditsPerCall?: number;
  /** 200 a minute; newer documentation counts entities, older requests. Counting entities is safe under both. */
  readonly quota?: { readonly limit: number; readonly windowMs: number };
  readonly quotaUnit?: "entities" | "requests";
  readonly timeoutMs?: number;
  /** Hears of every try: the answer's status, null when none came. */
  readonly onAnswer?: (status: number | null) => void;
}

type Asked = Parameters<CompanyData["lookup"]>[0][number];

// Explorium takes at most 50 businesses in a bulk call (API reference, read 2026-11).
const BULK_SIZE = 50;
const MAX_NAME = 256;
const STOPPING: ReadonlySet<string> = new Set(["auth", "no-credits"]);
const BUSINESS_ID = /^[a-f0-9]{32}$/;

/** Explorium as our company data; one budget per key, so make it once. */
export function createExplorium(options: ExploriumOptions): CompanyData {
  const { clock, quotaUnit = "entities", quota = { limit: 200, windowMs: 60_000 } } = options;
  const http: ExploriumHttpOptions = {
    ...options,
    timeoutMs: options.timeoutMs ?? 30_000,
    budget: new EntityBudget(clock, quota),
    weigh: (entities) => (quotaUnit === "entities" ? entities : 1),
  };
  const creditsPerCall = options.creditsPerCall ?? 1;
  const plan: Plan = {
    http,
    creditsPerCall,
    enrichments: options.enrichments ?? ["firmographics"],
  };
  return {
    creditsPerCompany: creditsPerCall * (1 + plan.enrichments.length),
    lookup: (companies, signal) => lookupAll(plan, companies, signal),
  };
}

interface Plan {
  readonly http: ExploriumHttpOptions;
  readonly creditsPerCall: number;
  readonly enrichments: readonly ExploriumEnrichment[];
}

/** What one run has learnt so far. */
interface Ledger {
  readonly results: Map<string, CompanyLookup>;
  credits: number;
  stopped: AppError | null;
}

async function lookupAll(
  plan: Plan,
  companies: readonly Asked[],
  signal: AbortSignal,
): Promise<CompanyLookups> {
  const ledger: Ledger = { results: new Map(), credits: 0, stopped: null };
  for (let start = 0; start < companies.length && ledger.stopped === null; start += BULK_SIZE) {
    await lookupSlice(plan, companies.slice(start, start + BULK_SIZE), { ledger, signal });
  }
  return ledger;
}

async function lookupSlice(
  plan: Plan,
  slice: readonly Asked[],
  run: { readonly ledger: Ledger; readonly signal: AbortSignal },
): Promise<void> {
  const { ledger, signal } = run;
  let waiting: readonly string[] = slice.map((company) => company.domain);
  try {
    const idOf = await match(plan, slice, run);
    waiting = [...idOf.keys()];
    const rows = new Map<ExploriumEnrichment, ReadonlyMap<string, Row>>();
    for (const enrichment of plan.enrichments) {
      rows.set(
        enrichment,
        await enrich(plan, enrichment, { ids: [...new Set(idOf.values())], ...run }),
      );
    }
    for (const [domain, id] of idOf) ledger.results.set(domain, combined(plan, rows, id));
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toAppError(thrown);
    if (STOPPING.has(error.kind)) ledger.stopped = error;
    else if (error.kind === "input" && slice.length > 1) await lookupHalves(plan, slice, run);
    else for (const domain of waiting) ledger.results.set(domain, { kind: "failed", error });
  }
}

// One company that Explorium cannot read must not take the other 49 with it.
async function lookupHalves(
  plan: Plan,
  slice: readonly Asked[],
  run: { readonly ledger: Ledger; readonly signal: AbortSignal },
): Promise<void> {
  const middle = Math.ceil(slice.length / 2);
  await lookupSlice(plan, slice.slice(0, middle), run);
  if (run.ledger.stopped === null) await lookupSlice(plan, slice.slice(middle), run);
}

/** The ids of those that matched; the others' results are written down at once. */
async function match(
  plan: Plan,
  slice: readonly Asked[],
  { ledger, signal }: { readonly ledger: Ledger; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const body = { businesses_to_match: slice.map(toMatch) };
  const answer = await postExplorium(plan.http, {
    path: "/businesses/match",
    body,
    entities: slice.length,
    answer: matchAnswer,
    signal,
  });
  const rows = byDomain(answer.matched_businesses);
  const ids = new Map<string, string>();
  for (const { domain } of slice) {
    const id = rows.get(domain)?.business_id;
    if (id && BUSINESS_ID.test(id)) ids.set(domain, id);
    else ledger.results.set(domain, unmatched(rows.get(domain)));
  }
  ledger.credits += answer.credit_usage?.total_credits ?? ids.size * plan.creditsPerCall;
  return ids;
}

function toMatch({ domain, name }: Asked): { readonly domain: string; readonly name?: string } {
  return name === null ? { domain } : { domain, name: name.slice(0, MAX_NAME) };
}

type MatchRow = z.infer<typeof matchAnswer>["matched_businesses"][number];

// Rows echo their input: go by that, never by position.
function byDomain(rows: readonly MatchRow[]): ReadonlyMap<string, MatchRow> {
  return new Map(rows.map((row) => [row.input.domain ?? "", row]));
}

function unmatched(row: MatchRow | undefined): CompanyLookup {
  const failed = row === undefined || (row.error !== undefined && row.error !== null);
  if (!failed) return { kind: "not-found" };
  return { kind: "failed", error: noRow("Explorium could not match this company.") };
}

type Row = Readonly<Record<string, unknown>> | null;

/** Rows by business id; of several rows of one id the first with data counts. An id without any row is absent. */
async function enrich(
  plan: Plan,
  enrichment: ExploriumEnrichment,
  run: { readonly ids: readonly string[]; readonly ledger: Ledger; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Row>> {
  if (run.ids.length === 0) return new Map();
  const answer = await postExplorium(plan.http, {
    path: `/businesses/${enrichment}/bulk_enrich`,
    body: { business_ids: run.ids },
    entities: run.ids.length,
    answer: bulkAnswer,
    signal: run.signal,
  });
  const rows = new Map<string, Row>();
  for (const { business_id: id, data } of answer.data) rows.set(id, rows.get(id) ?? data ?? null);
  const paid = [...rows.values()].filter((row) => row !== null).length;
  run.ledger.credits += answer.credit_usage?.total_credits ?? paid * plan.creditsPerCall;
  return rows;
}

function combined(
  plan: Plan,
  rows: ReadonlyMap<ExploriumEnrichment, ReadonlyMap<string, Row>>,
  id: string,
): CompanyLookup {
  // A missing row is no answer, and no answer must not be remembered as "knows nothing".
  if (plan.enrichments.some((enrichment) => !rows.get(enrichment)?.has(id))) {
    return { kind: "failed", error: noRow("Explorium left this company out of its answer.") };
  }
  const firmographics = toFirmographics(
    rows.get("firmographics")?.get(id) ?? null,
    rows.get("technographics")?.get(id) ?? null,
  );
  return firmographics === null ? { kind: "not-found" } : { kind: "found", firmographics };
}

function noRow(message: string): AppError {
  return new AppError("unavailable", message, { code: "EXPLORIUM_ROW" });
}
