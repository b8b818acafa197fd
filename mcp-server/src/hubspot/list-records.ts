/** Lists every record of a kind, page by page. */
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject, CrmRecord } from "../ports/crm.ts";
import { objectList } from "./paths.ts";
import type { Send } from "./requester.ts";
import { pageSchema, readAnswer } from "./wire.ts";

// HubSpot docs, using object APIs: at most 100 per page (read 2026-04).
const PAGE = "100";
// Pages in a row that bring nothing new although there is said to be more: some may be empty, all of them will not be.
const MAX_STALE = 10;

export interface ListPage {
  readonly records: readonly CrmRecord[];
  /** Where the next page starts; null after the last. */
  readonly after: string | null;
}

export interface ListAsk {
  readonly properties: readonly string[];
  readonly after?: string;
  /** Lists the recycle bin instead of the live records. */
  readonly archived?: boolean;
}

/** By id ascending. Throws `unavailable` when HubSpot's paging stands still. */
export async function* listRecords(
  send: Send,
  object: CrmObject,
  ask: ListAsk,
  call?: CrmCall,
): AsyncGenerator<ListPage> {
  let after: string | null = ask.after ?? null;
  let known: ReadonlySet<string> = new Set();
  let stale = 0;
  for (;;) {
    const page: ListPage = await listPage(send, object, { ...ask, after }, call);
    const ids = page.records.map(({ id }) => id);
    stale = ids.every((id) => known.has(id)) ? stale + 1 : 0;
    if (page.after !== null && (page.after === after || stale >= MAX_STALE)) throw stuck();
    yield page;
    if (page.after === null) return;
    after = page.after;
    known = new Set(ids);
  }
}

function stuck(): AppError {
  return new AppError("unavailable", "HubSpot returns the same page again. Try again later.", {
    code: "LIST_STUCK",
  });
}

async function listPage(
  send: Send,
  object: CrmObject,
  ask: Pick<ListAsk, "properties" | "archived"> & { readonly after: string | null },
  call?: CrmCall,
): Promise<ListPage> {
  const query = {
    limit: PAGE,
    properties: ask.properties.join(","),
    ...(ask.archived === true ? { archived: "true" } : {}),
    ...(ask.after === null ? {} : { after: ask.after }),
  };
  const answer = await readAnswer(
    send,
    { method: "GET", route: objectList(object), query, lane: "objects", effect: "read" },
    pageSchema,
    call,
  );
  return {
    records: answer.results.map(({ record }) => record),
    after: answer.paging?.next?.after ?? null,
  };
}
