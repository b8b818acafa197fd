/** The arguments of a sync job, as tools and the scheduler give them. */
import { z } from "zod";
import { badArgument } from "./argument-error.ts";
import { AppError } from "./errors.ts";
import type { MappedObject } from "./field-map.ts";
import { contactFilterSchema, type Selection } from "./selection.ts";

const schema = z.object({
  object: z.enum(["all", "contacts", "customers"]).default("all"),
  emails: z.array(z.string()).optional(),
  ids: z.array(z.union([z.number(), z.string()])).optional(),
  filter: contactFilterSchema.optional(),
  direction: z.enum(["both", "push", "pull"]).default("both"),
  mode: z.enum(["changes", "reconcile"]).default("changes"),
  dry_run: z.boolean().default(false),
  /** Set by the scheduler: only records that are in the queue, no new ones. */
  queued_only: z.boolean().default(false),
  plan_id: z.string().optional(),
});

/** A parsed sync request; `selection` null = only what is queued. `planId`: carry out this previewed plan and nothing else. */
export interface SyncArgs {
  readonly objects: readonly MappedObject[];
  readonly planId: string | null;
  readonly selection: Selection | null;
  readonly direction: "both" | "push" | "pull";
  /** `reconcile`: both sides are compared whole, and only what differs is synced. */
  readonly mode: "changes" | "reconcile";
  readonly dryRun: boolean;
}

/** @throws AppError `input` that names the argument and the mend */
export function parseSyncArgs(args: Readonly<Record<string, unknown>>): SyncArgs {
  const parsed = schema.safeParse(args);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".")}: ${issue.message}`,
    );
    throw new AppError("input", `sync was given arguments it cannot use: ${problems.join("; ")}`);
  }
  const { direction, mode, dry_run: dryRun, queued_only, plan_id } = parsed.data;
  if (mode === "reconcile") refuseNarrowing(parsed.data);
  const selection = queued_only ? null : toSelection(parsed.data);
  const objects = objectsOf(parsed.data.object, selection);
  return { objects, selection, direction, mode, dryRun, planId: plan_id ?? null };
}

const narrowings = ["emails", "ids", "filter", "plan_id"] as const;

/**
 * A reconciliation compares both sides whole.
 *
 * @throws AppError `input` that names the argument which would narrow it
 */
export function refuseNarrowing(
  args: Readonly<Partial<Record<(typeof narrowings)[number], unknown>>>,
): void {
  const stray = narrowings.find((name) => args[name] !== undefined);
  if (stray === undefined) return;
  throw badArgument(
    stray,
    `"${stray}" does not go with mode reconcile, which compares everything; leave it out, or narrow it by "object".`,
  );
}

/** E-mails, ids and filters mean contacts unless customers are asked for by name. */
function objectsOf(
  asked: "all" | MappedObject,
  selection: Selection | null,
): readonly MappedObject[] {
  if (asked !== "all") return [asked];
  const isAnything = selection === null || selection.kind === "due";
  return isAnything ? ["contacts", "customers"] : ["contacts"];
}

function toSelection({ emails, ids, filter }: z.infer<typeof schema>): Selection {
  if (emails) return { kind: "emails", emails: emails.map((email) => email.trim().toLowerCase()) };
  if (ids) return { kind: "ids", ids: ids.map(toId) };
  if (filter && Object.keys(filter).length > 0) return { kind: "filter", filter };
  return { kind: "due" };
}

function toId(given: number | string): number {
  const id = Number(given);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new AppError("input", "ids takes the local ids that query-contacts shows, e.g. [12, 13].");
}
