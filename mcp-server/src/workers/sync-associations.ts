/** Carries out in HubSpot what was decided of contacts' companies: new associations, and the end of ours that hold no more. */
import { type CompanyBase, companyEntries } from "../core/company-base.ts";
import { associatedBase, type CompanyMove } from "../core/company-move.ts";
import { AppError } from "../core/errors.ts";
import { type ContactSides, companyState } from "../core/sync-contact.ts";
import type { LogLine } from "../core/sync-log-rows.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { CompanyRun, DecidedCompany } from "./company-reading.ts";
import { iso } from "./iso-time.ts";
import { mendCompanyLinks } from "./sync-company-links.ts";
import { logRow } from "./sync-log-row.ts";

// HubSpot's type ids (associations guide, read 2026-03): 1 makes the company the contact's primary one and
// adds 279; 279 alone leaves the primary company that people chose as it is, and taking it ends the association.
const PRIMARY = 1;
const UNLABELED = 279;

/** A contact that HubSpot has. */
export interface Member {
  readonly sides: ContactSides;
  readonly hubspotId: string;
}

/** A decision about a contact that HubSpot has. `companyId`: the HubSpot company to associate; null: none. */
export interface Joining {
  readonly item: DecidedCompany;
  readonly hubspotId: string;
  readonly companyId: string | null;
}

/** New base entries by local id, of those that went through; the others' failures; and how many associations were made and ended. */
export interface Associated {
  readonly bases: ReadonlyMap<number, Readonly<Record<string, CanonicalValue>>>;
  readonly failures: ReadonlyMap<number, AppError>;
  readonly made: number;
  readonly ended: number;
}

/**
 * Associates first and parts afterwards: a crash in between leaves a contact with one company too many, and the next look ends what we made.
 * What changes is in the log before it is written.
 */
export async function associateCompanies(
  run: CompanyRun,
  joining: readonly Joining[],
): Promise<Associated> {
  const failures = new Map<number, AppError>();
  const made = joining.filter(({ companyId }) => companyId !== null);
  const parted = joining.filter((one) => droppedBy(one) !== null);
  const intents = await logIntents(run, [...new Set([...made.filter(isNews), ...parted])]);
  const isThrough = (one: Joining): boolean => !failures.has(idOf(one));
  await join(run, made, failures);
  const count = made.filter(isThrough).length;
  const ending = parted.filter(isThrough);
  await part(run, ending, failures);
  await settleIntents(run, intents, failures);
  await logFailures(
    run,
    joining.filter((one) => !isNews(one)),
    failures,
  );
  return {
    bases: basesOf(joining.filter(isThrough)),
    failures,
    made: count,
    ended: ending.filter(isThrough).length,
  };
}

function idOf({ item }: Joining): number {
  return item.planned.sides.id;
}

/**
 * A first association goes with its contact and is told by the base and by counts: a row for each would make a first sync's log half as large again,
 * and a crash before the base is kept costs nothing, because writing it once more changes nothing.
 */
function isNews({ item }: Joining): boolean {
  return item.view.base !== null;
}

/** Our association that is to end; null: none, HubSpot has it no more, or people labelled it and so made it theirs. */
function droppedBy({ item, companyId }: Joining): string | null {
  const drop = "drop" in item.move ? item.move.drop : null;
  if (drop === null || drop === companyId) return null;
  const held = item.associations?.find(({ id }) => id === drop);
  return held && !held.isLabelled ? drop : null;
}

async function logIntents(
  run: CompanyRun,
  joining: readonly Joining[],
): Promise<ReadonlyMap<number, number>> {
  if (joining.length === 0) return new Map();
  const created_at = iso(run.now());
  const ids = await run.store.syncLog.add(
    joining.map((one) => ({
      ...rowOf(run, one, created_at),
      outcome: "intent" as const,
      finished_at: null,
    })),
  );
  return new Map(joining.map((one, index) => [ids[index] ?? 0, idOf(one)]));
}

function lineOf({ item, companyId }: Joining): LogLine {
  const { base } = item.view;
  const before = base?.made ?? base?.company ?? null;
  const after = companyId ?? item.view.primary ?? null;
  return { field: companyState, before, after, rule: item.move.rule };
}

/** What was not announced is told when it fails. */
async function logFailures(
  run: CompanyRun,
  joining: readonly Joining[],
  failures: ReadonlyMap<number, AppError>,
): Promise<void> {
  const now = iso(run.now());
  const rows = joining.flatMap((one) => {
    const error = failures.get(idOf(one));
    return error ? [{ ...rowOf(run, one, now), ...outcomeOf(error) }] : [];
  });
  if (rows.length > 0) await run.store.syncLog.add(rows);
}

function rowOf(run: CompanyRun, one: Joining, now: string) {
  const sides = { ...one.item.planned.sides, hubspotId: one.hubspotId };
  return {
    ...logRow(run.runId, sides, now),
    action: "associate" as const,
    fields: [lineOf(one)],
  };
}

function outcomeOf(error: AppError) {
  const outcome = error.kind === "unknown-outcome" ? ("unknown" as const) : ("failed" as const);
  return { outcome, error: error.message };
}

async function settleIntents(
  run: CompanyRun,
  intents: ReadonlyMap<number, number>,
  failures: ReadonlyMap<number, AppError>,
): Promise<void> {
  if (intents.size === 0) return;
  const rows = [...intents].map(([id, localId]) => {
    const error = failures.get(localId);
    return error ? { id, ...outcomeOf(error) } : { id, outcome: "done" as const };
  });
  await run.store.syncLog.settle(rows, iso(run.now()));
}

async function join(
  run: CompanyRun,
  joining: readonly Joining[],
  failures: Map<number, AppError>,
): Promise<void> {
  if (joining.length === 0) return;
  const pairs = joining.map((one) => ({
    ...pairOf(one, one.companyId ?? ""),
    typeId: isPrimary(one.item.move) ? PRIMARY : UNLABELED,
  }));
  const answers = await run.crm.associate("contacts", "companies", pairs, run.call);
  keepFailures(answers, failures);
  await blameCompanies(run, joining, failures);
}

function isPrimary(move: CompanyMove): boolean {
  return move.kind === "associate" && move.as === "primary";
}

async function part(
  run: CompanyRun,
  joining: readonly Joining[],
  failures: Map<number, AppError>,
): Promise<void> {
  if (joining.length === 0) return;
  const pairs = joining.map((one) => ({
    ...pairOf(one, droppedBy(one) ?? ""),
    typeId: UNLABELED,
  }));
  const answers = await run.crm.dissociate("contacts", "companies", pairs, run.call);
  keepFailures(answers, failures);
}

function pairOf(one: Joining, toId: string) {
  return { ref: String(idOf(one)), fromId: one.hubspotId, toId };
}

function keepFailures(
  answers: readonly { readonly ref: string; readonly error: AppError | null }[],
  failures: Map<number, AppError>,
): void {
  for (const { ref, error } of answers) if (error) failures.set(Number(ref), error);
}

function basesOf(joining: readonly Joining[]): Associated["bases"] {
  return new Map(
    joining.flatMap((one) => {
      const base = baseOf(one);
      if (base === null) return [];
      const entries = companyEntries(one.item.planned.sides.base, base);
      return Object.keys(entries).length > 0 ? [[idOf(one), entries] as const] : [];
    }),
  );
}

function baseOf({ item, companyId }: Joining): CompanyBase | null {
  const { move, view, associations } = item;
  if (move.kind === "rest") return move.base;
  if (move.kind !== "associate" || companyId === null) return null;
  const hadIt = associations?.some(({ id }) => id === companyId) ?? false;
  return associatedBase(view, move, { company: companyId, hadIt });
}

/** Where the company is what HubSpot no longer has, its link is mended, and the contact is tried again with the right one. */
async function blameCompanies(
  run: CompanyRun,
  joining: readonly Joining[],
  failures: Map<number, AppError>,
): Promise<void> {
  const suspects = joining.filter((one) => isVerdict(failures.get(idOf(one))));
  const gone = await mendCompanyLinks(
    run,
    suspects.map(({ companyId }) => companyId ?? ""),
  );
  for (const one of suspects) {
    if (gone.has(one.companyId ?? "")) failures.set(idOf(one), companyGone());
  }
}

/** HubSpot answered, and did not associate; an outage says nothing about the company. */
function isVerdict(error: AppError | undefined): boolean {
  if (error === undefined) return false;
  return ["not-found", "input"].includes(error.kind) || error.code === "HUBSPOT_SILENT";
}

function companyGone(): AppError {
  return new AppError(
    "unavailable",
    "HubSpot deleted or merged this contact's company. The next try associates what HubSpot has by then.",
    { code: "COMPANY_GONE" },
  );
}
