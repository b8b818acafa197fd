/** Customers whose company HubSpot deleted, found again in companies that people entered anew with the same account number. */
import type { FieldMap } from "../core/field-map.ts";
import type { CrmRecord } from "../ports/crm.ts";
import type { Store } from "../ports/store.ts";
import { customerKind } from "./customer-kind.ts";
import { stonesByKey } from "./life-stones.ts";

/** Whether there is any such customer at all: only then is a company that nobody knows worth reading. */
export function mayBeReentered({ tombstones }: Store): Promise<boolean> {
  return tombstones.any({ object: "customers", reason: "deleted" });
}

/** Local ids of customers by the HubSpot companies that hold their account numbers now; empty where nothing was deleted. */
export async function reenteredCustomers(
  store: Store,
  map: FieldMap,
  records: readonly Pick<CrmRecord, "id" | "properties">[],
): Promise<ReadonlyMap<string, number>> {
  const kind = customerKind(map);
  if (!kind || records.length === 0 || !(await mayBeReentered(store))) return new Map();
  const keyed = records.flatMap(({ id, properties }) => {
    const ban = properties[kind.keyProperty]?.trim();
    return ban ? [{ id, ban }] : [];
  });
  if (keyed.length === 0) return new Map();
  const bans = [...new Set(keyed.map(({ ban }) => ban))];
  // Written in another case, it is found by its tombstone: numbers are compared without regard to case.
  const known = [...(await stonesByKey(store, "customers", bans)).values()].flat();
  const endedIds = known.flatMap(({ local_id }) => local_id ?? []);
  const customers = [
    ...(await store.customers.findByBans(bans)),
    ...(endedIds.length > 0 ? await store.customers.findByIds(endedIds) : []),
  ];
  const ids = customers.map(({ id }) => id);
  const stones = await store.tombstones.byLocalIds("customers", ids);
  const ended = new Set(
    stones.flatMap(({ local_id, reason }) => (reason === "deleted" ? [local_id] : [])),
  );
  const byKey = new Map(
    customers.flatMap(({ id, ban }) =>
      ended.has(id) ? [[kind.comparable(ban), id] as const] : [],
    ),
  );
  return new Map(
    keyed.flatMap(({ id, ban }) => {
      const local = byKey.get(kind.comparable(ban));
      return local === undefined ? [] : [[id, local] as const];
    }),
  );
}
