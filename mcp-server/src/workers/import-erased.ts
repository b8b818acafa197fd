/** Rows of people whose data were deleted for privacy: no import brings them back, and nothing of such a row is kept. */
import type { ImportRow, RawRow } from "../core/import-row.ts";
import { isErased } from "../core/tombstone.ts";
import type { Store } from "../ports/store.ts";
import { stonesByKey } from "./life-stones.ts";

/**
 * The rows, with those of erased people rejected and emptied, rejected ones that merely name them included. Costs one small query while there are no
 * tombstones.
 */
export async function refuseErased(
  store: Store,
  rows: readonly ImportRow[],
): Promise<readonly ImportRow[]> {
  if (rows.length === 0 || !(await store.tombstones.any())) return rows;
  const named = rows.map((row) => ({ row, emails: emailsIn(row), hubspotId: hubspotIdOf(row) }));
  const emails = new Set(named.flatMap((each) => each.emails));
  const ids = named.flatMap(({ hubspotId }) => hubspotId ?? []);
  const byEmail = await stonesByKey(store, "contacts", [...emails]);
  const byId = Map.groupBy(
    await store.tombstones.byHubspotIds("contacts", ids),
    ({ hubspot_id }) => hubspot_id,
  );
  return named.map(({ row, emails: own, hubspotId }) => {
    const stones = [
      ...own.flatMap((email) => byEmail.get(email) ?? []),
      ...(byId.get(hubspotId ?? "") ?? []),
    ];
    return isErased(stones) ? refused(row) : row;
  });
}

function emailsIn(row: ImportRow): readonly string[] {
  switch (row.kind) {
    case "record":
      return [row.fields.email];
    case "rejected":
      return addressesIn(row.raw);
    case "customer":
      return [];
  }
}

/** Whatever looks like an address, in any column. */
function addressesIn(raw: RawRow): readonly string[] {
  const found = Object.values(raw).flatMap(
    (text) => text.match(/[^\s<>()[\],;:"']+@[^\s<>()[\],;:"']+/g) ?? [],
  );
  return [...new Set(found.map((email) => email.toLowerCase()))];
}

function hubspotIdOf(row: ImportRow): string | null {
  return row.kind === "record" ? (row.remote?.hubspot_id ?? null) : null;
}

function refused({ row }: ImportRow): ImportRow {
  return {
    kind: "rejected",
    row,
    raw: {},
    rejection: {
      code: "ERASED_FOR_PRIVACY",
      message:
        "This person's data were deleted for privacy in HubSpot and erased here. Nothing of the row was kept; take it out of the input.",
      field: "email",
    },
  };
}
