/** The `list-conflicts` tool: fields that wait for a person's decision. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { mappedObjects } from "../core/field-map.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import { jsonChars, MAX_ANSWER_CHARS, UNTRUSTED_NOTE } from "../core/untrusted.ts";
import {
  type Conflict,
  type ConflictFilter,
  conflictReasons,
  conflictStatuses,
} from "../ports/conflict-store.ts";
import { recordsOf } from "./conflict-records.ts";
import { type ConflictView, conflictSchema, valueLengths, viewConflict } from "./conflict-view.ts";
import { checkField } from "./known-field.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

const input = z.strictObject({
  object: z.enum(mappedObjects).optional().describe("Only conflicts of these records"),
  field: z.string().max(100).optional().describe("Only this field, by its name in the field map"),
  status: z.enum(conflictStatuses).optional().describe("open (default)"),
  reason: z.enum(conflictReasons).optional().describe("Why they wait"),
  limit: z.number().min(1).max(MAX_LIMIT).optional().describe("Conflicts per page (default 20)"),
  cursor: z.string().max(20).optional().describe("next_cursor of the page before"),
});
type ListInput = z.output<typeof input>;

const output = z.object({
  total: z.number().describe("All matches, not only this page"),
  conflicts: z.array(conflictSchema),
  next_cursor: z.string().nullable(),
  truncated: z.boolean().optional(),
  note: z.string(),
});

/** Reads conflicts, oldest first; asks nobody outside. */
export function listConflictsTool(services: ToolServices): Tool {
  return defineTool({
    name: "list-conflicts",
    title: "List conflicts",
    description:
      "Fields that wait for a person: changed both here and in HubSpot and left to one by the field map (MANUAL), or frozen because they kept going to and fro (reason loop, with their history). " +
      "Shows both values, what both sides held before, who changed each and when, and the version that resolve-conflict asks for; open ones unless status says otherwise. " +
      "A newer edit amends an open conflict and raises its version. Other fields of the record go on syncing. " +
      "Do not use it for fields that a rule decided by itself: query-contacts with email or ban tells those.",
    input,
    output,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async (args) => await listPage(services, args),
  });
}

async function listPage(services: ToolServices, args: ListInput): Promise<z.input<typeof output>> {
  const limit = Math.floor(args.limit ?? DEFAULT_LIMIT);
  const found = await services.store.conflicts.list(filterOf(args), {
    afterId: afterIdOf(args.cursor),
    // One more than is shown tells whether there is another page.
    limit: limit + 1,
  });
  // A field that left the map keeps its history.
  if (found.total === 0 && args.field !== RECORD_FIELD)
    checkField(services.fieldMaps, "field", args);
  const page = found.conflicts.slice(0, limit);
  const record = await recordsOf(services.store, page);
  const shown = fitting((maxChars) =>
    page.map((conflict) => viewConflict(conflict, record(conflict), maxChars)),
  );
  const more = found.conflicts.length > shown.length;
  return {
    total: found.total,
    conflicts: [...shown],
    next_cursor: more ? (shown.at(-1)?.conflict_id ?? null) : null,
    ...(shown.length < page.length ? { truncated: true } : {}),
    note: UNTRUSTED_NOTE,
  };
}

/** Shorter values first, then fewer conflicts: what is left out comes with the next page. */
function fitting(view: (maxChars: number) => readonly ConflictView[]): readonly ConflictView[] {
  for (const maxChars of valueLengths) {
    const shown = view(maxChars);
    if (jsonChars(shown) <= MAX_ANSWER_CHARS) return shown;
  }
  const shortest = view(valueLengths[valueLengths.length - 1] ?? 0);
  let count = shortest.length;
  while (count > 1 && jsonChars(shortest.slice(0, count)) > MAX_ANSWER_CHARS) count -= 1;
  return shortest.slice(0, count);
}

function filterOf({ object, field, status, reason }: ListInput): ConflictFilter {
  return {
    ...(object === undefined ? {} : { object }),
    ...(field === undefined ? {} : { field }),
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function afterIdOf(cursor: string | undefined): Conflict["conflict_id"] {
  const afterId = cursor === undefined ? 0 : Number(cursor);
  if (Number.isSafeInteger(afterId) && afterId >= 0) return afterId;
  throw badArgument("cursor", '"cursor" must be the next_cursor of an earlier answer.');
}
