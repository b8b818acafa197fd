/** The arguments of an import job, as its row holds them. */
import { z } from "zod";
import { argumentError, badArgument } from "./argument-error.ts";
import { importSources } from "./contact.ts";
import { crmConditionsSchema } from "./crm-conditions.ts";

const schema = z.object({
  source: z.enum(importSources),
  object: z.enum(["contacts", "customers"]).optional(),
  path: z.string().optional(),
  records: z.array(z.record(z.string(), z.unknown())).optional(),
  column_map: z.record(z.string(), z.string()).optional(),
  campaign_id: z.string().optional(),
  filter: crmConditionsSchema.optional(),
  dry_run: z.boolean().optional(),
});

/** An import job's arguments after parsing; what the source needs is there. */
export type ImportArgs = Omit<z.output<typeof schema>, "object"> & {
  /** Absent for contacts. */
  readonly object?: "customers";
};

/** Reads a job's arguments. Throws `input` when what the source needs is missing, and for sources that have no customers. */
export function parseImportArgs(stored: Readonly<Record<string, unknown>>): ImportArgs {
  const parsed = schema.safeParse(stored);
  if (!parsed.success) throw argumentError(schema, parsed.error);
  const { object, ...args } = parsed.data;
  const { source, path, records } = args;
  if (source === "csv" && path === undefined) throw badArgument("path", '"path" is missing.');
  if (source === "records" && records === undefined) {
    throw badArgument("records", '"records" is missing.');
  }
  if (object !== "customers") return args;
  refuseWithoutCustomers(source);
  return { ...args, object };
}

/** Throws `input` for a source that customers cannot come from, naming those that they can. */
export function refuseWithoutCustomers(source: ImportArgs["source"]): void {
  if (source === "csv" || source === "records") return;
  throw badArgument(
    "source",
    `Customers come from the billing system, not from ${source}: use source "csv" or "records". ` +
      "What is edited in HubSpot reaches them with sync.",
  );
}
