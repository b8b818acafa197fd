/** One message of the model, read and judged: what it says of each contact of its brief. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { type CheckedAnswer, checkAnswer } from "../core/intelligence-check.ts";
import type { BriefAnswer, CompanyBrief, ContactText, ModelUsage } from "../ports/enrichment.ts";
import { addUsage, NO_USAGE, type ReportedTokens } from "./model-prices.ts";

const tokens = z.int().min(0).max(1_000_000_000);
const messageSchema = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullable(),
  usage: z.object({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_creation_input_tokens: tokens.nullish(),
    cache_read_input_tokens: tokens.nullish(),
  }),
});

/** What a message is worth. `cut`: it ran out of tokens; `doubtful`: `checked` holds what passed, the rest did not. */
export type Judged =
  | { readonly kind: "complete" | "doubtful"; readonly checked: CheckedAnswer }
  | { readonly kind: "refused" }
  | { readonly kind: "cut" }
  | { readonly kind: "unreadable" };

/** Judges a message as it came over the wire. `tokens` is null when the message did not even say. */
export function judgeMessage(
  message: unknown,
  brief: CompanyBrief,
): { readonly judged: Judged; readonly tokens: ReportedTokens | null } {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success) return { judged: { kind: "unreadable" }, tokens: null };
  return { judged: judge(parsed.data, brief), tokens: reported(parsed.data.usage) };
}

function reported(usage: z.infer<typeof messageSchema>["usage"]): ReportedTokens {
  return {
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cache_creation_input_tokens: usage.cache_creation_input_tokens ?? null,
    cache_read_input_tokens: usage.cache_read_input_tokens ?? null,
  };
}

function judge(message: z.infer<typeof messageSchema>, brief: CompanyBrief): Judged {
  if (message.stop_reason === "refusal") return { kind: "refused" };
  if (message.stop_reason === "max_tokens") return { kind: "cut" };
  // Thinking may come first; the answer is the text.
  const text = message.content.find((block) => block.type === "text")?.text ?? "";
  const checked = checkAnswer(text, brief);
  return { kind: checked.problems.length === 0 ? "complete" : "doubtful", checked };
}

/** The accepted texts of a brief; every other contact gets `otherwise`. */
export function toAnswer(
  brief: CompanyBrief,
  from: { readonly checked: CheckedAnswer | null; readonly otherwise: ContactText },
  by: { readonly model: string; readonly usage: ModelUsage },
): BriefAnswer {
  const contacts = new Map<string, ContactText>();
  for (const { key } of brief.contacts) {
    const text = from.checked?.contacts.get(key);
    const written =
      text && ({ kind: "written", intelligence: { ...text, model: by.model } } as const);
    contacts.set(key, written ?? from.otherwise);
  }
  return { company_summary: from.checked?.company_summary ?? null, contacts, usage: by.usage };
}

/** Two answers about the same company: what is written in either is kept, the later one decides the rest. */
export function joined(first: BriefAnswer, second: BriefAnswer): BriefAnswer {
  const contacts = new Map(first.contacts);
  for (const [key, text] of second.contacts) {
    if (contacts.get(key)?.kind !== "written") contacts.set(key, text);
  }
  return {
    company_summary: first.company_summary ?? second.company_summary,
    contacts,
    usage: addUsage(first.usage, second.usage),
  };
}

/** All contacts of a brief failed for one reason. */
export function failedAnswer(brief: CompanyBrief, error: AppError): BriefAnswer {
  const text: ContactText = { kind: "failed", error };
  const contacts = new Map(brief.contacts.map(({ key }) => [key, text]));
  return { company_summary: null, contacts, usage: NO_USAGE };
}

/** Claude wrote, but not what may be used. */
export function unusable(): ContactText {
  const message = "Claude's text did not pass the checks.";
  return { kind: "failed", error: new AppError("unavailable", message, { code: "CLAUDE_TEXT" }) };
}
