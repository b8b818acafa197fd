/** Which contacts a tool means: the filter that tools, REST and the store share. */
import { z } from "zod";
import { contactStatuses, importSources } from "./contact.ts";

/** Exact-match filters plus a few ranges; everything given must hold (AND). */
export const contactFilterSchema = z.strictObject({
  status: z.enum(contactStatuses).optional().describe("State in the import → enrich → sync cycle"),
  source: z.enum(importSources).optional().describe("Where the contact came from"),
  company: z.string().max(200).optional().describe("Company name, case-insensitive"),
  domain: z.string().max(253).optional().describe("Company domain, e.g. acme.com"),
  country: z.string().max(60).optional().describe("ISO 3166-1 alpha-2 code, e.g. DE"),
  job_title: z.string().max(200).optional().describe("Words contained in the job title"),
  unsubscribed: z.boolean().optional().describe("true: only people who objected to outreach"),
  min_quality: z.number().min(0).max(100).optional().describe("Lowest data-quality score"),
  max_quality: z.number().min(0).max(100).optional().describe("Highest data-quality score"),
  updated_since: z.string().max(40).optional().describe("ISO-8601 time; changed at or after it"),
});
export type ContactFilter = z.infer<typeof contactFilterSchema>;

/** What a run works on: everything due, the named e-mails or ids, or a filter. */
export type Selection =
  | { readonly kind: "due" }
  | { readonly kind: "emails"; readonly emails: readonly string[] }
  | { readonly kind: "ids"; readonly ids: readonly number[] }
  | { readonly kind: "filter"; readonly filter: ContactFilter };

/** Columns a query may sort by. */
export const contactSortFields = [
  "email",
  "first_name",
  "last_name",
  "company",
  "status",
  "quality_score",
  "imported_at",
  "enriched_at",
  "synced_at",
  "updated_at",
] as const;
export type ContactSortField = (typeof contactSortFields)[number];
