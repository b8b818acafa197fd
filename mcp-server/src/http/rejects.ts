/** An import's rejected rows for people: as pages of JSON, or all of them as a CSV file to mend and import again. */
import { csvLine, rejectColumns } from "../core/csv-cell.ts";
import type { Reject, RejectStore } from "../ports/contact-store.ts";

const PAGE = 500;

/** One page of rejects as it is answered; the raw rows are as their source gave them. */
export interface RejectsPage {
  readonly rejects: readonly Omit<Reject, "id" | "job_id">[];
  readonly next_cursor: string | null;
}

/** Up to `limit` rejects after a row. */
export async function rejectsPage(
  store: RejectStore,
  jobId: string,
  page: { readonly afterRow: number; readonly limit: number },
): Promise<RejectsPage> {
  const found = await store.list(jobId, page.afterRow, page.limit + 1);
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    rejects: shown.map(({ id: _id, job_id: _job, ...rest }) => rest),
    next_cursor: last && found.length > shown.length ? String(last.row) : null,
  };
}

/** All rejects as CSV: the source's own columns first, so that the mended file can be imported as it is. */
export function rejectsCsv(store: RejectStore, jobId: string): ReadableStream<Uint8Array> {
  const lines = csvLines(store, jobId);
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => {
      await lines.return(undefined);
    },
  });
}

async function* csvLines(store: RejectStore, jobId: string): AsyncGenerator<string, undefined> {
  const columns = new Set<string>();
  // Rows of one input may differ in columns, and a header must name them all before the first row.
  for await (const reject of allRejects(store, jobId)) {
    for (const column of Object.keys(reject.raw)) columns.add(column);
  }
  yield csvLine([...columns, ...rejectColumns]);
  for await (const reject of allRejects(store, jobId)) {
    const cells = [...columns].map((column) => reject.raw[column] ?? "");
    yield csvLine([...cells, String(reject.row), reject.code, reject.message]);
  }
  return undefined;
}

async function* allRejects(store: RejectStore, jobId: string): AsyncGenerator<Reject> {
  let afterRow = 0;
  for (;;) {
    const page = await store.list(jobId, afterRow, PAGE);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    afterRow = last.row;
  }
}
