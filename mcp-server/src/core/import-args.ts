/** The arguments of an import job, as its row holds them. */
import { z } from "zod";
import { argumentError, badArgument } from "./argument-error.ts";
import { importSources } from "./contact.ts";
import { crmConditionsSchema } from "./crm-conditions.ts";

const schema = z.object({
  source: z.enum(importSources),
  path: z.string().optional(),
  records: z.array(z.record(z.string(), z.unknown())).optional(),
  column_map: z.record(z.string(), z.string()).optional(),
  campaign_id: z.string().optional(),
  filter: crmConditionsSchema.optional(),
  dry_run: z.boolean().optional(),
});

/** An import job's arguments after parsing; what the source needs is there. */
export type ImportArgs = z.output<typeof schema>;

/** Reads a job's arguments. Throws `input` when what the source needs is missing. */
export function parseImportArgs(args: Readonly<Record<string, unknown>>): ImportArgs {
  const parsed = schema.safeParse(args);
  if (!parsed.success) throw argumentError(schema, parsed.error);
  const { source, path, records } = parsed.data;
  if (source === "csv" && path === undefined) throw badArgument("path", '"path" is missing.');
  if (source === "records" && records === undefined) {
    throw badArgument("records", '"records" is missing.');
  }
  return parsed.data;
}
