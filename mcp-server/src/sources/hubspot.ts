/** HubSpot contacts as a source: all of them or those that match, with what the field map asks for. */

import { z } from "zod";
import type { Column } from "../core/column-names.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { describeColumns } from "../core/header-names.ts";
import { createHubspotRows, hubspotColumns } from "../core/hubspot-row.ts";
import type { ImportBatch } from "../core/import-row.ts";
import type { Crm, CrmRecord } from "../ports/crm.ts";
import type { ImportRequest, OpenedSource, Resume } from "../ports/sources.ts";

type HubspotRequest = Extract<ImportRequest, { source: "hubspot" }>;

export interface HubspotSourceOptions {
  readonly crm: Crm;
  /** Which properties are read, and which field each stands for. */
  readonly map: FieldMap;
}

/**
 * A source for HubSpot's contacts. Every row carries the record it was read from, so that the import can link it.
 * Contacts without an e-mail are rejected. Resumes by page, in the order of record ids.
 */
export function createHubspotSource(
  options: HubspotSourceOptions,
): (request: HubspotRequest, resume: Resume) => Promise<OpenedSource> {
  const columns = hubspotColumns(options.map);
  return async (request, resume) => ({
    description: { ...describeColumns(columns), saidAt: null, resumed: true },
    batches: () => readBatches({ crm: options.crm, columns, request, resume }),
    close: () => Promise.resolve(),
  });
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
  const toRow = createHubspotRows(reading.columns);
  let row = place?.rows ?? 0;
  for await (const page of pages(reading, place)) {
    const rows = page.records.map((record) => {
      row += 1;
      return toRow(record, row);
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
