/** The arguments of resolve-conflict, and the decisions that they say. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { mappedObjects } from "../core/field-map.ts";
import type { Choice } from "../core/resolution.ts";
import { cleanText } from "../core/text.ts";

const MAX_AT_ONCE = 100;
// Longer than any id, so that a wrong one among several is refused by itself.
const MAX_ID = 100;
const MAX_SHOWN_ID = 40;
const MAX_NOTE = 500;
// HubSpot stores no longer text in a property (HubSpot docs, properties guide, read 2026-11).
const MAX_VALUE = 65_536;

const version = z.number().optional();
const resolution = z.enum(["keep_local", "keep_hubspot", "set"]).optional();
const note = z.string().max(MAX_NOTE).optional();
// Advertised as text, which every client can send; numbers, truth values and null are understood as well.
const value = z
  .union([z.string().max(MAX_VALUE), z.number(), z.boolean()])
  .optional()
  .nullable()
  .meta({ type: "string", description: 'set: the new value; "" empties the field' });

export const bulkFilterSchema = z.strictObject({
  object: z.enum(mappedObjects).optional(),
  field: z.string().max(100).optional().describe("Name in the field map"),
  ids: z.array(z.number().min(1)).max(500).optional().describe("Local ids; needs object"),
});

export const resolveInput = z.strictObject({
  conflict_id: z.string().max(20).optional().describe("One conflict"),
  version: version.describe("Of the conflict as you saw it"),
  resolution: resolution.describe("Which value both sides shall hold"),
  value,
  note: note.describe("Why, for the log"),
  resolutions: z
    .array(
      z.strictObject({ conflict_id: z.string().max(MAX_ID), version, resolution, value, note }),
    )
    .min(1)
    .max(MAX_AT_ONCE)
    .optional()
    .describe("Several at once; what an item leaves out is taken from above"),
  filter: bulkFilterSchema.optional().describe("All open conflicts that match; previewed first"),
  dry_run: z.boolean().optional().describe("Look only"),
  plan_id: z.string().max(100).optional().describe("Confirms the preview that gave it"),
});
export type ResolveInput = z.output<typeof resolveInput>;

/** What somebody decided, for the version of the conflict that they saw. */
export interface Decision {
  readonly conflictId: number;
  readonly version: number;
  readonly choice: Choice;
  readonly note: string | null;
}

/** An item of several that is refused unseen; `id` as it was given, cleaned. */
export interface UnreadDecision {
  readonly kind: "unread";
  readonly id: string;
  readonly code: "INVALID_ID" | "REPEATED_ID";
  readonly message: string;
}

/** Decisions to judge, and what among them names no conflict of its own. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly unread: readonly UnreadDecision[];
}

/** All open conflicts that match, and what to make of each. */
export interface BulkRequest {
  readonly filter: z.output<typeof bulkFilterSchema>;
  readonly choice: Choice;
  readonly note: string | null;
}

/** Which form a call has. */
export type ResolveCall =
  | ({ readonly kind: "decisions" } & Decisions)
  | { readonly kind: "bulk"; readonly request: BulkRequest }
  | {
      readonly kind: "plan";
      readonly planId: string;
      /** What came with the plan_id, in the form that plans keep. */
      readonly given: Readonly<Record<string, unknown>>;
    };

/** Reads the call. Throws `input` that names the argument and the mend. */
export function readCall(args: ResolveInput): ResolveCall {
  const forms = [args.conflict_id, args.resolutions, args.filter ?? args.plan_id];
  if (forms.filter((form) => form !== undefined).length !== 1) {
    throw badArgument(
      "conflict_id",
      'Say what to resolve in one way: "conflict_id" with "version", or "resolutions", or "filter" (and then its "plan_id").',
    );
  }
  if (args.conflict_id !== undefined) {
    return { kind: "decisions", decisions: [oneOf(args, args.conflict_id)], unread: [] };
  }
  if (args.resolutions) return { kind: "decisions", ...severalOf(args, args.resolutions) };
  return args.plan_id === undefined ? bulkOf(args) : planOf(args, args.plan_id);
}

type Said = Pick<ResolveInput, "version" | "resolution" | "value" | "note">;

const ID = "must be a conflict_id as list-conflicts shows it";

function oneOf(args: ResolveInput, id: string): Decision {
  const conflictId = conflictIdOf(id);
  if (conflictId !== null) return decisionOf(args, conflictId, "");
  throw badArgument("conflict_id", `"conflict_id" ${ID}.`);
}

/** Each stands for itself: an id that is none, or that came before, keeps only its own item from being decided. */
function severalOf(args: ResolveInput, items: NonNullable<ResolveInput["resolutions"]>): Decisions {
  const decisions = new Map<number, Decision>();
  const unread: UnreadDecision[] = [];
  for (const [index, item] of items.entries()) {
    const id = conflictIdOf(item.conflict_id);
    if (id === null || decisions.has(id)) unread.push(unreadItem(item.conflict_id, id));
    else decisions.set(id, decisionOf(withCommon(item, args), id, `resolutions[${index}].`));
  }
  return { decisions: [...decisions.values()], unread };
}

/** What an item leaves out is taken from beside the list; a version never is. */
function withCommon(item: Said, common: Said): Said {
  return {
    version: item.version,
    resolution: item.resolution ?? common.resolution,
    value: item.value === undefined ? common.value : item.value,
    note: item.note ?? common.note,
  };
}

function unreadItem(given: string, conflictId: number | null): UnreadDecision {
  const id = cleanText(given, MAX_SHOWN_ID) ?? "";
  return conflictId === null
    ? { kind: "unread", id, code: "INVALID_ID", message: `It ${ID}; nothing was changed.` }
    : {
        kind: "unread",
        id,
        code: "REPEATED_ID",
        message: "It is named twice; only what came first counts.",
      };
}

/** null: there can be no such conflict. */
function conflictIdOf(id: string): number | null {
  const conflictId = Number(id);
  return Number.isSafeInteger(conflictId) && conflictId >= 1 ? conflictId : null;
}

function decisionOf(said: Said, conflictId: number, at: string): Decision {
  if (said.version === undefined) {
    const name = `${at}version`;
    throw badArgument(
      name,
      `"${name}" is missing: list-conflicts shows it beside the conflict_id.`,
    );
  }
  return { conflictId, version: said.version, choice: choiceOf(said, at), note: noteOf(said) };
}

function bulkOf(args: ResolveInput): ResolveCall {
  const filter = filterOf(args);
  if (filter === undefined || Object.keys(filter).length === 0) {
    throw badArgument("filter", '"filter" must name an object or a field.');
  }
  return { kind: "bulk", request: { filter, choice: choiceOf(args, ""), note: noteOf(args) } };
}

function planOf(args: ResolveInput, planId: string): ResolveCall {
  if (args.dry_run) {
    throw badArgument(
      "dry_run",
      '"dry_run" makes a plan and "plan_id" carries one out: give one of them.',
    );
  }
  const said = args.resolution === undefined ? {} : choiceOf(args, "");
  return {
    kind: "plan",
    planId,
    given: { filter: filterOf(args), ...said, note: noteOf(args) ?? undefined },
  };
}

function filterOf({ filter }: ResolveInput): ResolveInput["filter"] {
  if (filter?.ids === undefined) return filter;
  if (filter.object === undefined) {
    throw badArgument(
      "filter.object",
      '"filter.object" is missing: "ids" are of contacts or of customers.',
    );
  }
  if (!filter.ids.every((id) => Number.isSafeInteger(id))) {
    throw badArgument("filter.ids", '"filter.ids" must be whole numbers.');
  }
  return { ...filter, ids: [...new Set(filter.ids)].sort((a, b) => a - b) };
}

function choiceOf(said: Pick<Said, "resolution" | "value">, at: string): Choice {
  if (said.resolution === undefined) {
    const name = `${at}resolution`;
    throw badArgument(name, `"${name}" is missing: keep_local, keep_hubspot or set.`);
  }
  const text = said.value === undefined || said.value === null ? "" : String(said.value);
  if (said.resolution !== "set") {
    if (text === "") return { resolution: said.resolution };
    throw badArgument(`${at}value`, `"${at}value" goes with resolution "set" only.`);
  }
  if (said.value === undefined) {
    const name = `${at}value`;
    throw badArgument(name, `"${name}" is missing: "set" needs the new value, or "" to empty it.`);
  }
  return { resolution: "set", value: text === "" ? null : visible(text, `${at}value`) };
}

/** As an import stores text. What holds nothing to see would empty the field, which nobody asked for. */
function visible(text: string, name: string): string {
  const clean = cleanText(text, MAX_VALUE);
  if (clean !== null) return clean;
  throw badArgument(name, `"${name}" holds nothing to see; give "" to empty the field.`);
}

function noteOf({ note: text }: Pick<Said, "note">): string | null {
  return text === undefined ? null : cleanText(text, MAX_NOTE);
}
