/** Looks at companies of HubSpot for both that they may stand for: the companies of contacts, and customers that HubSpot had deleted. */
import type { FieldMap } from "../core/field-map.ts";
import { lookAtCompanies } from "./company-looks.ts";
import { markInbound } from "./inbound.ts";
import { iso } from "./iso-time.ts";
import { mayBeReentered, reenteredCustomers } from "./reentered.ts";
import type { RemoteLook, RemoteRun } from "./remote-run.ts";

/** The look, by the customers' map. */
export function companyArrivals(customers: FieldMap): RemoteLook {
  return async (run, ids) => {
    await lookAtCompanies(run, ids);
    await markReentered(run, customers, ids);
  };
}

/** A customer is marked for a look of its own, which joins it with the new company. */
async function markReentered(
  { store, crm, call, now }: RemoteRun,
  map: FieldMap,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0 || !(await mayBeReentered(store))) return;
  const properties = map.rules.filter(({ path }) => path[0] === "ban").map((rule) => rule.property);
  const { found } = await crm.read("companies", { ids: [...new Set(ids)], properties }, call);
  const reentered = await reenteredCustomers(store, map, found);
  const records = [...new Set(reentered.values())].map((local_id) => ({
    object: "customers" as const,
    local_id,
  }));
  await markInbound(store, records, iso(now()));
}
