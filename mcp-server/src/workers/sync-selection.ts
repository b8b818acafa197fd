/** Which stored records a sync request means, in bounded pieces, ascending by id. */
import { DEBOUNCE_MS } from "../core/debounce.ts";
import type { Selection } from "../core/selection.ts";
import type { Store } from "../ports/store.ts";
import { iso } from "./iso-time.ts";
import type { SyncKind } from "./sync-kind.ts";

/** What to look for, and where. `selection` null: only what is queued. */
export interface Selecting {
  readonly store: Store;
  readonly kind: SyncKind;
  readonly selection: Selection | null;
  readonly now: () => number;
  readonly limit: number;
  /** Whether everything that is due includes all records of the kind: setting HubSpot up will queue them. */
  readonly everything?: boolean;
  /** Further records that a look ahead is about, ascending: HubSpot changed them. */
  readonly changed?: readonly number[];
}

/** Records that a request names, or whose state says that they are due. What is only queued is not among them. */
export async function* selectedIds(selecting: Selecting): AsyncGenerator<readonly number[]> {
  yield* pages((after) => nextSelected(selecting, after));
}

/** As selectedIds, and for everything due also what is queued or about to be: all that a run would look at. */
export async function* idsToLookAt(selecting: Selecting): AsyncGenerator<readonly number[]> {
  const { selection, everything = false, changed = [], limit } = selecting;
  const isDue = selection === null || selection.kind === "due";
  yield* pages(async (afterId) => {
    const named = await nextSelected(selecting, afterId);
    if (!isDue) return named;
    const queued = await nextQueued(selecting, afterId);
    const others = everything ? await nextOfAll(selecting, afterId) : [];
    const further = changed.filter((id) => id > afterId).slice(0, limit);
    return [...new Set([...named, ...queued, ...others, ...further])]
      .sort((a, b) => a - b)
      .slice(0, limit);
  });
}

function nextQueued(
  { store, kind, now, limit }: Selecting,
  afterId: number,
): Promise<readonly number[]> {
  return store.queue.dueIds(kind.map.object, iso(now() + DEBOUNCE_MS), { afterId, limit });
}

/** Contacts that are linked, and every customer: what the queue takes in when the map has changed. */
async function nextOfAll(selecting: Selecting, after: number): Promise<readonly number[]> {
  const { store, kind, now, limit } = selecting;
  if (kind.map.object === "customers") return store.customers.ids(after, limit);
  let afterId = after;
  for (;;) {
    const ids = await store.contacts.idsToSync(anyContact, afterId, limit, iso(now()));
    const links = await store.links.byLocalIds("contacts", ids);
    const last = ids.at(-1);
    if (links.length > 0 || last === undefined) return links.map(({ local_id }) => local_id);
    afterId = last;
  }
}

const anyContact: Selection = { kind: "filter", filter: {} };

async function nextSelected(
  { store, kind, selection, now, limit }: Selecting,
  after: number,
): Promise<readonly number[]> {
  if (selection === null) return [];
  if (kind.map.object === "contacts")
    return store.contacts.idsToSync(selection, after, limit, iso(now()));
  if (selection.kind !== "ids") return [];
  const named = [...new Set(selection.ids)].filter((id) => id > after).sort((a, b) => a - b);
  return named.slice(0, limit);
}

async function* pages(
  next: (after: number) => Promise<readonly number[]>,
): AsyncGenerator<readonly number[]> {
  let after = 0;
  for (;;) {
    const ids = await next(after);
    const last = ids.at(-1);
    if (last === undefined) return;
    yield ids;
    after = last;
  }
}
