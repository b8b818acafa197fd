/** One piece of an enrichment job: read, ask, decide, and write everything in one transaction. */
import type { Contact, ContactPatch } from "../core/contact.ts";
import {
  enrichedPatch,
  type Findings,
  failedPatch,
  lastVerifiedAt,
  probableDuplicates,
} from "../core/enrichment-merge.ts";
import { counted, failed } from "../core/enrichment-run.ts";
import type { AppError } from "../core/errors.ts";
import type { Store } from "../ports/store.ts";
import { type CompanyKnowledge, isLookedUp, learnCompanies } from "./enrichment-companies.ts";
import type { EnrichmentJob } from "./enrichment-job.ts";
import {
  learnTexts,
  TEXT_CACHE,
  type TextKnowledge,
  type TextsLearnt,
} from "./enrichment-texts.ts";

const OBJECTED = "The person objected to outreach: no company lookup and no text.";
const NO_DOMAIN = "There is no company domain: no company lookup and no text.";
const SUSPECTED =
  "injection_suspected: some fields look like instructions to a model and were kept from it.";

/** Takes the contacts through all steps; afterwards they are enriched or failed, and the job has moved on. */
export async function enrichChunk(job: EnrichmentJob, ids: readonly number[]): Promise<void> {
  await takeOn(job, ids);
  const contacts = await inOrder(job.services.store, ids);
  const companies = await learnCompanies(job, contacts);
  const texts = await learnTexts(job, contacts, companies);
  await settle(job, ids, { companies, texts });
}

/** The ids are saved with the mark: a filter by status would not find the contacts again after a crash. */
async function takeOn(job: EnrichmentJob, ids: readonly number[]): Promise<void> {
  job.checkpoint = { ...job.checkpoint, ids: [...ids] };
  await job.services.store.transaction(async (store) => {
    await store.contacts.updateAll(ids, { status: "enriching" }, job.now);
    await job.context.save(job.patch("enriching contacts"), store);
  });
}

async function inOrder(store: Store, ids: readonly number[]): Promise<readonly Contact[]> {
  const contacts = await store.contacts.findByIds(ids);
  return contacts.toSorted((a, b) => a.id - b.id);
}

interface Learnt {
  readonly companies: ReadonlyMap<string, CompanyKnowledge>;
  readonly texts: TextsLearnt;
}

/** Contacts are read again inside the transaction: whatever a person changed meanwhile stays. */
async function settle(job: EnrichmentJob, ids: readonly number[], learnt: Learnt): Promise<void> {
  const times = { now: job.now, expires_at: job.later(job.settings.cacheMs) };
  const { batch } = job.checkpoint;
  await job.services.store.transaction(async (tx) => {
    const contacts = await inOrder(tx, ids);
    await tx.contacts.update(patchesFor(job, contacts, learnt), times.now);
    await keep(tx, learnt.texts, { times, contacts });
    job.done += contacts.length;
    job.checkpoint = {
      ...job.checkpoint,
      after_id: Math.max(job.checkpoint.after_id, ...ids),
      ids: null,
      batch: null,
      discard: batch,
    };
    await job.context.save(job.patch("enriching contacts"), tx);
  });
}

function patchesFor(job: EnrichmentJob, contacts: readonly Contact[], learnt: Learnt) {
  const duplicates = probableDuplicates(contacts);
  const nowMs = job.services.clock.now();
  return contacts.flatMap((contact) => {
    const end = endOf(contact, learnt);
    const set = decide(job, contact, { end, isDuplicate: duplicates.has(contact.id), nowMs });
    return set === null ? [] : [{ id: contact.id, set }];
  });
}

/** Of people who were erased while Claude wrote about them no text is kept. */
async function keep(
  tx: Store,
  { toCache, summaries }: TextsLearnt,
  {
    times,
    contacts,
  }: {
    readonly times: { readonly now: string; readonly expires_at: string };
    readonly contacts: readonly Contact[];
  },
): Promise<void> {
  const stored = new Set(contacts.map(({ id }) => id));
  const entries = toCache.flatMap(({ contactId, key, data }) =>
    stored.has(contactId) ? [{ key, data }] : [],
  );
  if (entries.length > 0) await tx.cache.put(TEXT_CACHE, entries, times);
  if (summaries.size === 0) return;
  const rows = [...summaries].map(([domain, summary]) => ({
    domain,
    name: null,
    firmographics: null,
    summary,
  }));
  await tx.companies.upsert(rows, times.now);
}

/** How a contact leaves the steps. */
type End =
  | { readonly kind: "failed"; readonly error: AppError }
  | { readonly kind: "enriched"; readonly findings: Omit<Findings, "uniqueness"> };

function endOf(contact: Contact, { companies, texts }: Learnt): End {
  if (contact.unsubscribed) return passedOver(OBJECTED, "cleared");
  if (!isLookedUp(contact)) return passedOver(NO_DOMAIN, "kept");
  const company = companies.get(contact.domain);
  if (company?.kind === "failed") return company;
  const text = texts.byId.get(contact.id);
  if (text?.kind === "failed") return text;
  const notes = [
    company?.kind === "unknown" ? company.note : null,
    text?.kind === "skipped" ? text.note : null,
    texts.suspected.has(contact.id) ? SUSPECTED : null,
  ].filter((note) => note !== null);
  const findings = {
    company: company?.kind === "known" ? company : null,
    text: outcomeOf(text),
    notes,
  };
  return { kind: "enriched", findings };
}

function passedOver(note: string, text: "cleared" | "kept"): End {
  return { kind: "enriched", findings: { company: null, text: { kind: text }, notes: [note] } };
}

function outcomeOf(text: TextKnowledge | undefined): Findings["text"] {
  return text?.kind === "written" ? text : { kind: "kept" };
}

function decide(
  job: EnrichmentJob,
  contact: Contact,
  by: { readonly end: End; readonly isDuplicate: boolean; readonly nowMs: number },
): ContactPatch | null {
  const { end, nowMs } = by;
  if (end.kind === "failed") {
    job.tally = failed(job.tally, end.error, contact.id);
    return failedPatch(contact, end.error.message, job.later(job.settings.retryAfterMs));
  }
  const { findings } = end;
  job.tally = counted(job.tally, {
    enriched: 1,
    without_company: findings.company === null ? 1 : 0,
    without_text: findings.text.kind === "written" ? 0 : 1,
  });
  const verified = lastVerifiedAt(contact);
  return enrichedPatch(
    contact,
    { ...findings, uniqueness: by.isDuplicate ? "probable-duplicate" : "unique" },
    {
      now: { iso: new Date(nowMs).toISOString(), ms: nowMs },
      verifiedAt: verified === null ? null : Date.parse(verified),
    },
  );
}
