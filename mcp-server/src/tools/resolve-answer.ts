/** What resolve-conflict answers: the resolved and the refused ones, cut to a size that every client takes. */
import { z } from "zod";
import { jsonChars, MAX_ANSWER_CHARS, UNTRUSTED_NOTE } from "../core/untrusted.ts";
import { recordSchema, shownValue, viewConflict, viewRecord, viewValues } from "./conflict-view.ts";
import type { UnreadDecision } from "./resolve-arguments.ts";
import type { ReadyDecision, RefusedDecision } from "./resolve-judge.ts";

const resolvedSchema = z.object({
  conflict_id: z.string(),
  object: z.string(),
  record: recordSchema,
  field: z.string(),
  resolution: z.string(),
  value: z.string().nullable().describe("What both sides will hold"),
});

export const resolveOutput = z.object({
  counts: z.object({ resolved: z.number(), refused: z.number() }),
  resolved: z.array(resolvedSchema),
  refused: z.array(
    z.object({
      conflict_id: z.string(),
      code: z.string(),
      message: z.string(),
      current: z
        .looseObject({ version: z.number() })
        .optional()
        .describe("The conflict as it is now, as list-conflicts shows it"),
    }),
  ),
  would_resolve: z.number().optional().describe("A preview's count; nothing was resolved"),
  examples: z.array(z.looseObject({ conflict_id: z.string() })).optional(),
  plan_id: z.string().optional().describe("Confirms this preview, once"),
  expires_at: z.string().optional(),
  truncated: z.boolean().optional(),
  next: z.string().nullable(),
  note: z.string(),
});
export type ResolveOutput = z.input<typeof resolveOutput>;

/** What an answer tells of. */
export interface ResolveLists {
  readonly resolved: readonly ReadyDecision[];
  readonly refused: readonly (RefusedDecision | UnreadDecision)[];
}

// From generous to meagre: the first that fits is taken.
const sizes = [
  { items: 100, chars: 600 },
  { items: 100, chars: 200 },
  { items: 100, chars: 60 },
  { items: 40, chars: 60 },
  { items: 10, chars: 60 },
] as const;
export type AnswerSize = (typeof sizes)[number];

/** The answer in the largest size that fits; `more` adds what a form of the call has beside the lists. */
export function resolveAnswer(
  lists: ResolveLists,
  more: (size: AnswerSize) => Pick<ResolveOutput, "next"> & Partial<ResolveOutput>,
): ResolveOutput {
  const [largest, ...smaller] = sizes;
  let best = answerOf(lists, largest, more(largest));
  for (const size of smaller) {
    if (jsonChars(best) <= MAX_ANSWER_CHARS) break;
    best = answerOf(lists, size, more(size));
  }
  return best;
}

function answerOf(
  { resolved, refused }: ResolveLists,
  size: AnswerSize,
  more: Pick<ResolveOutput, "next"> & Partial<ResolveOutput>,
): ResolveOutput {
  const isCut = resolved.length > size.items || refused.length > size.items;
  return {
    counts: { resolved: resolved.length, refused: refused.length },
    resolved: resolved.slice(0, size.items).map((each) => viewResolved(each, size.chars)),
    refused: refused.slice(0, size.items).map((each) => viewRefused(each, size.chars)),
    ...(isCut ? { truncated: true } : {}),
    ...more,
    note: UNTRUSTED_NOTE,
  };
}

/** A decision that would hold, with what it decides between. */
export function viewExample(ready: ReadyDecision, maxChars: number) {
  const { base, local, hubspot } = viewValues(ready.conflict, maxChars);
  return { ...viewResolved(ready, maxChars), base, local, hubspot };
}

function viewResolved(ready: ReadyDecision, maxChars: number): z.input<typeof resolvedSchema> {
  const { decision, conflict, record } = ready;
  return {
    conflict_id: String(decision.conflictId),
    object: record.object,
    record: viewRecord(conflict, record),
    field: conflict.field,
    resolution: decision.choice.resolution,
    value: shownValue(ready.kept, maxChars),
  };
}

function viewRefused(
  refused: ResolveLists["refused"][number],
  maxChars: number,
): ResolveOutput["refused"][number] {
  if (refused.kind === "unread") {
    const { id, code, message } = refused;
    return { conflict_id: id, code, message };
  }
  const { decision, code, message, conflict, record } = refused;
  return {
    conflict_id: String(decision.conflictId),
    code,
    message,
    ...(conflict ? { current: viewConflict(conflict, record, maxChars) } : {}),
  };
}
