/** HubSpot contacts as a source: all of them or those that match, with what the field map asks for. */

import { z } from "zod";
import { type Column, type ImportTarget, importTargets } from "../core/column-names.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { describeColumns } from "../core/header-names.ts";
import type { ImportBatch, ImportRow } from "../core/import-row.ts";
import { createRowNormaliser, type NormaliseRow } from "../core/normalise-record.ts";
import { SeenKeys } from "../core/seen-keys.ts";
import type { Crm, CrmRecord } from "../ports/crm.ts";
import type { ImportRequest, OpenedSource, Resume } from "../ports/sources.ts";

type HubspotRequest = Extract<ImportRequest, { source: "hubspot" }>;

export interface HubspotSourceOptions {
  readonly crm: Crm;
  /** Which properties are read, and which field each stands for. */
  readonly map: FieldMap;
}

// Read beside the map's own: further addresses of the same person, and the objection to marketing e-mail.
const ALWAYS_READ = ["email", "hs_additional_emails", "hs_email_optout"];

/**
 * A source for HubSpot's contacts. Every row carries the record it was read from, so that the import can link it.
 * Contacts without an e-mail are rejected. Resumes by page, in the order of record ids.
 */
export function createHubspotSource(
  options: HubspotSourceOptions,
): (request: HubspotRequest, resume: Resume) => Promise<OpenedSource> {
  const properties = [...new Set([...options.map.properties, ...ALWAYS_READ])];
  const columns = properties.map((name) => ({ name, target: targetOf(name, options.map) }));
  return async (request, resume) => ({
    description: { ...describeColumns(columns), saidAt: null, resumed: true },
    batches: () => readBatches({ crm: options.crm, columns, request, resume }),
    close: () => Promise.resolve(),
  });
}

/** Only plain fields are read in; what we ourselves write to HubSpot does not come back as a statement. */
function targetOf(property: string, map: FieldMap): ImportTarget {
  if (property === "email") return "email";
  if (property === "hs_email_optout") return "unsubscribed";
  const rule = map.rules.find((candidate) => candidate.property === property);
  if (rule === undefined || rule.path.length !== 1 || rule.direction === "WARP_TO_HUBSPOT") {
    return "ignore";
  }
  return importTargets.find((target) => target === rule.path[0]) ?? "ignore";
}

interface Reading {
  readonly crm: Crm;
  readonly columns: readonly Column[];
  readonly request: HubspotRequest;
  readonly resume: Resume;
}

/** `after` continues a list, `afterId` a search; both null = everything was read. */
const checkpointSchema = z.object({
  rows: z.number(),
  after: z.string().nullable(),
});
type Place = z.output<typeof checkpointSchema>;

async function* readBatches(reading: Reading): AsyncGenerator<ImportBatch> {
  const { checkpoint } = reading.resume;
  const place = checkpoint === null ? null : checkpointSchema.parse(JSON.parse(checkpoint));
  if (place !== null && place.after === null) return;
  const normalise = createRowNormaliser(reading.columns);
  const seen = new SeenKeys();
  let row = place?.rows ?? 0;
  for await (const page of pages(reading, place)) {
    const rows = page.records.map((record) => {
      row += 1;
      return toRow({ record, row }, { columns: reading.columns, normalise, seen });
    });
    const next: Place = { rows: row, after: page.after };
    yield { rows, checkpoint: JSON.stringify(next), done: row, total: page.total };
  }
}

interface RecordPage {
  readonly records: readonly CrmRecord[];
  readonly after: string | null;
  readonly total: number | null;
}

async function* pages(
  { crm, columns, request, resume }: Reading,
  place: Place | null,
): AsyncGenerator<RecordPage> {
  const properties = columns.map((column) => column.name);
  const call = { signal: resume.signal, lane: "backfill" } as const;
  const { filters = [] } = request;
  if (filters.length === 0) {
    const from = place?.after ? { after: place.after } : {};
    for await (const { records, after } of crm.list("contacts", { properties, ...from }, call)) {
      yield { records, after, total: null };
    }
    return;
  }
  const from = place?.after ? { afterId: place.after } : {};
  try {
    for await (const page of crm.search("contacts", { filters, properties, ...from }, call)) {
      yield { ...page, after: page.records.at(-1)?.id ?? null };
    }
  } catch (thrown) {
    throw thrown instanceof AppError && thrown.kind === "input" ? refusedFilter(thrown) : thrown;
  }
}

/** The filter is the only part of a search that the caller chose. */
function refusedFilter(cause: AppError): AppError {
  return new AppError(
    "input",
    "HubSpot refused the filter. Check that each property has HubSpot's own name (e.g. lifecyclestage), that the operator suits it, and that times are ISO-8601 or milliseconds.",
    { code: "FILTER_REFUSED", cause },
  );
}

interface Tools {
  readonly columns: readonly Column[];
  readonly normalise: NormaliseRow;
  readonly seen: SeenKeys;
}

function toRow(
  { record, row }: { readonly record: CrmRecord; readonly row: number },
  { columns, normalise, seen }: Tools,
): ImportRow {
  const cells = columns.map((column) => record.properties[column.name] ?? "");
  const normalised = normalise(cells);
  if (normalised.kind === "rejected") {
    return { kind: "rejected", row, raw: rawRow(record), rejection: normalised.rejection };
  }
  const duplicate = !seen.add(normalised.fields.email);
  const remote = {
    hubspot_id: record.id,
    properties: record.properties,
    updated_at: record.updatedAt,
  };
  return { ...normalised, row, duplicate, remote };
}

function rawRow({ id, properties }: CrmRecord): Readonly<Record<string, string>> {
  const held = Object.entries(properties).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, value] as const],
  );
  return { hs_object_id: id, ...Object.fromEntries(held) };
}
