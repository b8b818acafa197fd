/** Judges what the model wrote: only text that is well-formed, grounded and free of links reaches a contact. */
import { z } from "zod";
import type { Fact } from "./company.ts";
import { registrableDomain } from "./domain.ts";
import { ordersModel, plainText } from "./sanitise.ts";

/** Longest texts and lists; the model is told the same numbers. */
export const ANSWER_LIMITS = {
  companySummary: 400,
  summary: 400,
  item: 240,
  items: 5,
  evidence: 10,
} as const;

/** What the answer is checked against. `withheld` texts were kept from the model; text that repeats one is refused. */
export interface AnswerContext {
  readonly facts: readonly Fact[];
  readonly contacts: readonly { readonly key: string; readonly job_title: string | null }[];
  readonly withheld: readonly string[];
}

/** One contact's text, checked; `confidence` is already capped by how much was known. */
export interface CheckedText {
  readonly summary: string;
  readonly pain_points: readonly string[];
  readonly personalization_hooks: readonly string[];
  readonly confidence: number;
  readonly evidence_ids: readonly string[];
}

/** `contacts` holds only those whose text passed; `problems` says in our words what did not. */
export interface CheckedAnswer {
  readonly company_summary: string | null;
  readonly contacts: ReadonlyMap<string, CheckedText>;
  readonly problems: readonly string[];
}

const answerSchema = z.object({
  company_summary: z.string().min(1).max(ANSWER_LIMITS.companySummary),
  contacts: z.array(
    z.object({
      key: z.string(),
      pain_points: z.array(z.string()),
      personalization_hooks: z.array(z.string()),
      summary: z.string(),
      confidence: z.number(),
      evidence_ids: z.array(z.string()),
    }),
  ),
});
type WrittenContact = z.infer<typeof answerSchema>["contacts"][number];

/** Checks a model's answer, given as the text that should be JSON. Never throws: what is wrong is a problem. */
export function checkAnswer(json: string, context: AnswerContext): CheckedAnswer {
  const answer = answerSchema.safeParse(parsedJson(json));
  if (!answer.success) return { company_summary: null, contacts: new Map(), problems: ["shape"] };
  const { company_summary: summary, contacts } = answer.data;
  const problems: string[] = [];
  const accepted = new Map<string, CheckedText>();
  const summaryProblem = textProblem(summary, ANSWER_LIMITS.companySummary, context);
  if (summaryProblem !== null) problems.push(`company_summary: ${summaryProblem}`);
  for (const { key, job_title } of context.contacts) {
    const written = contacts.filter((contact) => contact.key === key);
    const [only] = written;
    const problem =
      only === undefined || written.length > 1 ? "not exactly once" : contactProblem(only, context);
    if (problem !== null) problems.push(problem);
    else if (only) accepted.set(key, trusted(only, confidenceCap(context.facts, job_title)));
  }
  const known = new Set(context.contacts.map((contact) => contact.key));
  if (contacts.some((contact) => !known.has(contact.key))) problems.push("unknown key");
  return {
    company_summary: summaryProblem === null ? summary.trim() : null,
    contacts: accepted,
    problems,
  };
}

/** How sure a text can be at most, 0..1: little knowledge caps what the model claims. */
export function confidenceCap(facts: readonly Fact[], jobTitle: string | null): number {
  const known = 0.2 + 0.1 * facts.length + (jobTitle === null ? 0 : 0.15);
  return Math.min(0.95, Math.round(known * 100) / 100);
}

function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function trusted(written: WrittenContact, cap: number): CheckedText {
  return {
    summary: written.summary.trim(),
    pain_points: written.pain_points.map((text) => text.trim()),
    personalization_hooks: written.personalization_hooks.map((text) => text.trim()),
    confidence: Math.min(Math.max(0, written.confidence), cap),
    evidence_ids: [...new Set(written.evidence_ids)],
  };
}

function contactProblem(written: WrittenContact, context: AnswerContext): string | null {
  if (!Number.isFinite(written.confidence) || written.confidence < 0 || written.confidence > 1) {
    return "confidence outside 0 to 1";
  }
  return (
    evidenceProblem(written.evidence_ids, context.facts) ??
    listProblem(written.pain_points, context) ??
    listProblem(written.personalization_hooks, context) ??
    textProblem(written.summary, ANSWER_LIMITS.summary, context)
  );
}

function evidenceProblem(ids: readonly string[], facts: readonly Fact[]): string | null {
  const known = new Set(facts.map((fact) => fact.id));
  if (ids.length === 0 || ids.length > ANSWER_LIMITS.evidence) return "evidence count";
  return ids.every((id) => known.has(id)) ? null : "unknown evidence";
}

function listProblem(texts: readonly string[], context: AnswerContext): string | null {
  if (texts.length === 0 || texts.length > ANSWER_LIMITS.items) return "list length";
  for (const text of texts) {
    const problem = textProblem(text, ANSWER_LIMITS.item, context);
    if (problem !== null) return problem;
  }
  return null;
}

function textProblem(text: string, limit: number, context: AnswerContext): string | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > limit) return "text length";
  // Markup or hidden characters make the plain form differ.
  if (plainText(trimmed) !== trimmed.normalize("NFKC").replace(/\s+/g, " ")) return "markup";
  if (/[<>`*_#]{2,}|\[[^\]]*\]\(|[{}]/.test(trimmed)) return "markup";
  if (/\S+@\S+\.\S+/.test(trimmed)) return "e-mail address";
  if (hasPhone(trimmed, context.facts)) return "phone number";
  if (hasLink(trimmed, context.facts)) return "link";
  // What is stored is read by other models later: an order that this one took up must not travel on.
  if (ordersModel(trimmed)) return "an order";
  if (context.withheld.some((source) => copiesRun(trimmed, source))) return "withheld text";
  return null;
}

function hasLink(text: string, facts: readonly Fact[]): boolean {
  if (/https?:|www\.|:\/\//i.test(text)) return true;
  const known = facts.map((fact) => fact.text.toLowerCase()).join("\n");
  const dotted = text.match(/\b[a-z0-9-]+(?:\.[a-z0-9-]+)+\b/gi) ?? [];
  // A company may be called Booking.com: names that the facts hold are no links.
  return dotted.some(
    (word) => registrableDomain(word) !== null && !known.includes(word.toLowerCase()),
  );
}

const YEARS = /^(19|20)\d\d\s?[-/]\s?(19|20)\d\d$/;

function hasPhone(text: string, facts: readonly Fact[]): boolean {
  const known = facts.map((fact) => fact.text).join("\n");
  const numbers = text.match(/\+?\d[\d\s().\-/]{7,}\d/g) ?? [];
  // "1001-5000" employees looks like a number to call; what the facts hold and spans of years are none.
  return numbers.some((number) => !known.includes(number) && !YEARS.test(number));
}

const RUN_WORDS = 12;

function copiesRun(text: string, source: string): boolean {
  const own = words(text);
  const foreign = ` ${words(source).join(" ")} `;
  for (let start = 0; start + RUN_WORDS <= own.length; start++) {
    if (foreign.includes(` ${own.slice(start, start + RUN_WORDS).join(" ")} `)) return true;
  }
  return false;
}

function words(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
