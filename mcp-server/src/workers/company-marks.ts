/** Marks contacts of a company for a look of their own, because HubSpot did something to the company. */

import type { Store } from "../ports/store.ts";
import type { FieldState } from "../ports/sync-store.ts";
import { markInbound } from "./inbound.ts";

const PAGE = 500;

/** Marks those of a domain's contacts that were synced and whose base is concerned. */
export async function markContactsOf(
  store: Store,
  domain: string,
  {
    isConcerned,
    now,
  }: { readonly isConcerned: (base: FieldState["base"]) => boolean; readonly now: string },
): Promise<void> {
  let afterId = 0;
  for (;;) {
    const selection = { kind: "filter", filter: { domain } } as const;
    const ids = await store.contacts.idsToSync(selection, afterId, PAGE, now);
    const states = ids.length > 0 ? await store.fieldStates.get("contacts", ids) : [];
    const concerned = states.filter(({ base }) => isConcerned(base));
    await markInbound(
      store,
      concerned.map(({ local_id }) => ({ object: "contacts", local_id })),
      now,
      { reason: "company", urgent: false },
    );
    const last = ids.at(-1);
    if (last === undefined || ids.length < PAGE) return;
    afterId = last;
  }
}
