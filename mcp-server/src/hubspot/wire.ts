/** The parts of HubSpot's answers that are used, tolerant of everything beside them. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmRecord } from "../ports/crm.ts";
import { unreadable } from "./failure.ts";
import { faultSchema, refusalError } from "./refusal.ts";
import type { HubspotRequest, Send } from "./requester.ts";

/** Associations give ids as numbers, everything else as text; here they are text. A number that lost digits names another record. */
export const idSchema = z.union([z.string(), z.int().nonnegative()]).transform(String);

/** A record's id, which ends up in paths and links: HubSpot's are decimal numbers of up to 64 bits. */
export const recordIdSchema = idSchema.refine((id) => /^\d{1,20}$/.test(id), "must be a number");

type WireValue = string | null | number | boolean;

function areValues(given: unknown): given is Readonly<Record<string, WireValue>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
  return Object.values(given).every(
    (value) => value === null || ["string", "number", "boolean"].includes(typeof value),
  );
}

function asTexts(values: Readonly<Record<string, WireValue>>): CrmRecord["properties"] {
  return areTexts(values)
    ? values
    : Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          value === null ? null : String(value),
        ]),
      );
}

function areTexts(
  values: Readonly<Record<string, WireValue>>,
): values is Readonly<Record<string, string | null>> {
  return Object.values(values).every((value) => value === null || typeof value === "string");
}

// Checked as one: a walk over all of an account's records meets millions of values, and a schema for each made most of its garbage.
const propertiesSchema = z
  .custom<Readonly<Record<string, WireValue>>>(areValues, "must be texts by name")
  .transform(asTexts);

/** A record and what a write's answer adds to it. */
export interface WireRecord {
  readonly record: CrmRecord;
  readonly isNew: boolean;
  readonly traceId: string | null;
}

export const recordSchema = z
  .object({
    id: recordIdSchema,
    properties: propertiesSchema,
    createdAt: z.string().optional(),
    updatedAt: z.string(),
    archived: z.boolean().optional(),
    new: z.boolean().optional(),
    objectWriteTraceId: z.string().optional(),
  })
  .transform(
    (wire): WireRecord => ({
      record: {
        id: wire.id,
        properties: wire.properties,
        // An answer that leaves it out names the time among the properties; no record is refused for want of it.
        createdAt: wire.createdAt ?? wire.properties["createdate"] ?? wire.updatedAt,
        updatedAt: wire.updatedAt,
        archived: wire.archived ?? false,
      },
      isNew: wire.new ?? false,
      traceId: wire.objectWriteTraceId ?? null,
    }),
  );

/** `numErrors` counts them all; the list may be shorter. */
export const batchErrorsSchema = {
  errors: z.array(faultSchema).default([]),
  numErrors: z.number().optional(),
};

export const recordBatchSchema = z.object({
  status: z.string().optional(),
  results: z.array(recordSchema),
  ...batchErrorsSchema,
});
export type RecordBatch = z.infer<typeof recordBatchSchema>;

export const pageSchema = z.object({
  results: z.array(recordSchema),
  paging: z.object({ next: z.object({ after: idSchema }).optional() }).optional(),
});

export const searchSchema = z.object({
  total: z.int().nonnegative(),
  results: z.array(recordSchema),
});

/** Sends a read and parses its answer. Throws AppError for everything else, so that a failure is never taken for nothing. */
export async function readAnswer<T>(
  send: Send,
  request: HubspotRequest,
  schema: z.ZodType<T>,
  call: CrmCall | undefined,
): Promise<T> {
  const reply = await send(request, call);
  if (reply.kind === "refused") throw refusalError(reply.refusal);
  if (reply.kind !== "answered") throw reply.error;
  return parsed(schema, reply.body);
}

/** Throws `unavailable` when the body is not what HubSpot documents. */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  // The issues name paths and types, never values.
  throw unreadable(new AppError("unavailable", z.prettifyError(result.error)));
}
