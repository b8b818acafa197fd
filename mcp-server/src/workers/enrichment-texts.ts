/** The text step of an enrichment: cache first, then the model, one request per company and up to eight people. */
import { z } from "zod";
import { briefPerson, inPieces, PEOPLE_PER_BRIEF } from "../core/brief.ts";
import type { Fact } from "../core/company.ts";
import { companyFacts, isEnoughToWrite } from "../core/company-facts.ts";
import type { Contact, ContactIntelligence } from "../core/contact.ts";
import { counted, spent } from "../core/enrichment-run.ts";
import { AppError } from "../core/errors.ts";
import type {
  BriefAnswer,
  BriefContact,
  CompanyBrief,
  ContactText,
  Intelligence,
} from "../ports/enrichment.ts";
import { type CompanyKnowledge, isLookedUp } from "./enrichment-companies.ts";
import type { EnrichmentJob } from "./enrichment-job.ts";

/** A contact's text, or why there is none. `at` is when it was written. */
export type TextKnowledge =
  | { readonly kind: "written"; readonly intelligence: ContactIntelligence; readonly at: string }
  | { readonly kind: "skipped"; readonly note: string }
  | { readonly kind: "failed"; readonly error: AppError };

/** What the text step found out, and what of it is worth keeping. */
export interface TextsLearnt {
  readonly byId: ReadonlyMap<number, TextKnowledge>;
  /** Contacts with fields that were left out because they look like instructions to a model. */
  readonly suspected: ReadonlySet<number>;
  readonly summaries: ReadonlyMap<string, string>;
  readonly toCache: readonly CachedText[];
}

/** A text for the cache, and whom it was written for. */
export interface CachedText {
  readonly contactId: number;
  readonly key: string;
  readonly data: unknown;
}

/** The cache's type for texts; the key is a digest of everything that shaped the text. */
export const TEXT_CACHE = "intelligence";

const NO_KEY = "Text was skipped: ANTHROPIC_API_KEY is not set.";
const TOO_LITTLE = "Text was skipped: too little is known of the company.";
const REFUSED = "Claude declined to write about this contact.";

/** A contact that can be written about, with everything that shapes its text. */
export interface Subject {
  readonly contact: Contact & { readonly domain: string };
  readonly person: Omit<BriefContact, "key">;
  readonly facts: readonly Fact[];
  readonly withheld: readonly string[];
  readonly cacheKey: string;
}

/** Who can be written about, by domain, and who was passed over and why. */
export interface Subjects {
  readonly subjects: readonly Subject[];
  readonly skipped: ReadonlyMap<number, string>;
}

const cachedTextSchema = z.union([
  z.object({ refused: z.literal(true) }),
  z.object({
    intelligence: z.object({
      summary: z.string(),
      pain_points: z.array(z.string()),
      personalization_hooks: z.array(z.string()),
      confidence: z.number(),
      evidence_ids: z.array(z.string()),
      model: z.string(),
    }),
  }),
]);

/** Sorts contacts into those that the model can be asked about and those it cannot. */
export function findSubjects(
  intelligence: Intelligence,
  contacts: readonly Contact[],
  companies: ReadonlyMap<string, CompanyKnowledge>,
): Subjects {
  const subjects: Subject[] = [];
  const skipped = new Map<number, string>();
  const byDomain = Map.groupBy(contacts.filter(isLookedUp), (contact) => contact.domain);
  for (const [domain, group] of byDomain) {
    const known = companies.get(domain);
    if (known?.kind === "failed") continue;
    const firmographics = known?.kind === "known" ? known.firmographics : null;
    const name = group.find((contact) => contact.company !== null)?.company ?? null;
    const { facts, withheld } = companyFacts({ domain, name, firmographics });
    for (const contact of group) {
      if (!isEnoughToWrite(facts)) skipped.set(contact.id, TOO_LITTLE);
      else subjects.push(subjectOf(intelligence, { contact, facts, withheld }));
    }
  }
  return { subjects, skipped };
}

function subjectOf(
  intelligence: Intelligence,
  about: Pick<Subject, "contact" | "facts" | "withheld">,
): Subject {
  const { person, withheld } = briefPerson(about.contact);
  const cacheKey = intelligence.digest({ facts: about.facts, person });
  return { ...about, person, withheld: [...about.withheld, ...withheld], cacheKey };
}

/** Texts that the cache holds, by contact. A refusal is remembered too: asking again would not help. */
export async function cachedTexts(
  job: EnrichmentJob,
  subjects: readonly Subject[],
): Promise<Map<number, TextKnowledge>> {
  const known = new Map<number, TextKnowledge>();
  const keys = [...new Set(subjects.map((subject) => subject.cacheKey))];
  if (keys.length === 0) return known;
  const entries = await job.services.store.cache.get(TEXT_CACHE, keys, job.now);
  for (const { contact, cacheKey } of subjects) {
    const entry = entries.get(cacheKey);
    const cached = cachedTextSchema.safeParse(entry?.data);
    if (!entry || !cached.success || !job.isUsable(entry)) continue;
    known.set(
      contact.id,
      "refused" in cached.data
        ? { kind: "skipped", note: REFUSED }
        : { kind: "written", intelligence: cached.data.intelligence, at: entry.cached_at },
    );
  }
  return known;
}

/** Briefs for the subjects: people of one company together. */
export function toBriefs(
  intelligence: Intelligence,
  subjects: readonly Subject[],
): readonly CompanyBrief[] {
  const byDomain = Map.groupBy(subjects, (subject) => subject.contact.domain);
  return [...byDomain.values()].flatMap((group) =>
    inPieces(group, PEOPLE_PER_BRIEF).map((piece) => {
      const contacts = piece.map(({ contact, person }) => ({ key: keyOf(contact), ...person }));
      const facts = piece[0]?.facts ?? [];
      const withheld = [...new Set(piece.flatMap((subject) => subject.withheld))];
      // The content is the name: after a crash an answer can only land on the very same question.
      const id = `b_${intelligence.digest({ facts, contacts }).slice(0, 40)}`;
      return { id, facts, contacts, withheld };
    }),
  );
}

function keyOf(contact: Contact): string {
  return `c${contact.id}`;
}

/** Learns a text for each contact that may have one. */
export async function learnTexts(
  job: EnrichmentJob,
  contacts: readonly Contact[],
  companies: ReadonlyMap<string, CompanyKnowledge>,
): Promise<TextsLearnt> {
  const { intelligence } = job.services;
  if (intelligence === null) return withoutKey(job, contacts);
  const { subjects, skipped } = findSubjects(intelligence, contacts, companies);
  const byId = await cachedTexts(job, subjects);
  job.tally = counted(job.tally, { cache_hits: byId.size });
  for (const [id, note] of skipped) byId.set(id, { kind: "skipped", note });
  const open = subjects.filter((subject) => !byId.has(subject.contact.id));
  const written = await ask(job, intelligence, open);
  for (const [id, text] of written.byId) byId.set(id, text);
  const suspected = subjects.filter((subject) => subject.withheld.length > 0);
  return {
    byId,
    suspected: new Set(suspected.map((subject) => subject.contact.id)),
    summaries: written.summaries,
    toCache: written.toCache,
  };
}

function withoutKey(job: EnrichmentJob, contacts: readonly Contact[]): TextsLearnt {
  job.remark(NO_KEY);
  const skipped: TextKnowledge = { kind: "skipped", note: NO_KEY };
  const byId = new Map(contacts.filter(isLookedUp).map((contact) => [contact.id, skipped]));
  return { byId, suspected: new Set(), summaries: new Map(), toCache: [] };
}

async function ask(
  job: EnrichmentJob,
  intelligence: Intelligence,
  subjects: readonly Subject[],
): Promise<Omit<TextsLearnt, "suspected">> {
  const briefs = toBriefs(intelligence, subjects);
  const answers = byPerson(briefs, await answersTo(job, intelligence, briefs));
  const byId = new Map<number, TextKnowledge>();
  const summaries = new Map<string, string>();
  const toCache: CachedText[] = [];
  for (const { contact, cacheKey } of subjects) {
    const answer = answers.get(keyOf(contact));
    const text = answer?.contacts.get(keyOf(contact));
    byId.set(contact.id, textOf(job, text));
    if (answer?.company_summary) summaries.set(contact.domain, answer.company_summary);
    const data = cacheable(text);
    if (data !== null) toCache.push({ contactId: contact.id, key: cacheKey, data });
  }
  return { byId, summaries, toCache };
}

function byPerson(
  briefs: readonly CompanyBrief[],
  answers: ReadonlyMap<string, BriefAnswer>,
): ReadonlyMap<string, BriefAnswer> {
  const found = new Map<string, BriefAnswer>();
  for (const brief of briefs) {
    const answer = answers.get(brief.id);
    if (answer) for (const { key } of brief.contacts) found.set(key, answer);
  }
  return found;
}

/** What the cache keeps of a text; null for a failure, which is no answer. */
function cacheable(text: ContactText | undefined): z.infer<typeof cachedTextSchema> | null {
  if (text?.kind === "refused") return { refused: true };
  if (text?.kind !== "written") return null;
  const { intelligence } = text;
  return {
    intelligence: {
      ...intelligence,
      pain_points: [...intelligence.pain_points],
      personalization_hooks: [...intelligence.personalization_hooks],
      evidence_ids: [...intelligence.evidence_ids],
    },
  };
}

async function answersTo(
  job: EnrichmentJob,
  intelligence: Intelligence,
  briefs: readonly CompanyBrief[],
): Promise<ReadonlyMap<string, BriefAnswer>> {
  const { batch } = job.checkpoint;
  if (briefs.length === 0 || job.textsStopped !== null) return new Map();
  const { answers, stopped } = await intelligence.write(briefs, {
    signal: job.context.signal,
    ...(batch === null ? {} : { resumeBatch: batch }),
    onBatch: async (id) => {
      job.checkpoint = { ...job.checkpoint, batch: id };
      await job.context.save(job.patch("waiting for Claude's batch"));
    },
  });
  job.textsStopped = stopped;
  if (stopped) job.remark(stoppedNote(stopped));
  for (const { usage } of answers.values()) {
    const { input_tokens, output_tokens } = usage;
    job.tally = spent(counted(job.tally, { input_tokens, output_tokens }), usage.cost_usd);
  }
  return answers;
}

function stoppedNote(error: AppError): string {
  return `Text was skipped: ${error.message}`;
}

function textOf(job: EnrichmentJob, text: ContactText | undefined): TextKnowledge {
  if (text?.kind === "written") return { ...text, at: job.now };
  if (text?.kind === "refused") return { kind: "skipped", note: REFUSED };
  if (text?.kind === "failed") return text;
  if (job.textsStopped !== null) return { kind: "skipped", note: stoppedNote(job.textsStopped) };
  return { kind: "failed", error: new AppError("unavailable", "Claude gave no answer.") };
}
