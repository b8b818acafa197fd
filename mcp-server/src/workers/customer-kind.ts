/** Customers of the billing system as a kind of record to sync: they are companies in HubSpot, matched by their account number. */
import type { Customer } from "../core/customer.ts";
import { AppError } from "../core/errors.ts";
import type { FieldMap } from "../core/field-map.ts";
import { customerPatch, customerRecord } from "../core/mapped-record.ts";
import type { LocalSide } from "../core/sync-record.ts";
import type { SyncKind } from "./sync-kind.ts";

interface CustomerSide extends LocalSide {
  readonly customer: Customer;
}

/** The kind, by the customers' map; null when the map has no customers. */
export function customerKind(map: FieldMap): SyncKind<CustomerSide> | null {
  const key = map.rules.find(({ path }) => path[0] === "ban");
  if (!key) return null;
  const load: SyncKind<CustomerSide>["load"] = async (store, ids) => {
    const customers = await store.customers.findByIds(ids);
    const changes = await store.changes.latest("customers", ids);
    const byId = Map.groupBy(changes, ({ local_id }) => local_id);
    return customers.map((customer) => ({
      object: "customers",
      id: customer.id,
      key: customer.ban,
      local: customerRecord(map, customer),
      changes: byId.get(customer.id) ?? [],
      // Nothing tells which field a billing system touched last before its changes were recorded.
      stated: () => ({ at: customer.created_at, by: null }),
      customer,
    }));
  };
  return {
    map,
    crmObject: "companies",
    keyProperty: key.property,
    alsoRead: [],
    load,
    takeOn: load,
    suppressed: async () => new Set(),
    passOver: async () => new Set(),
    rulesFor: () => map.rules,
    comparable,
    keysOf: (properties) => [comparable(properties[key.property] ?? "")].filter(Boolean),
    cannotCreate: (plan) => (plan.push["name"] || plan.push["domain"] ? null : nameless(map)),
    refusals: async () => () => null,
    write: (store, pulled, now) =>
      store.customers.update(
        pulled.map(({ side, pulls }) => ({
          id: side.id,
          set: customerPatch(side.customer, pulls),
        })),
        now,
      ),
    around: async (_run, _planned, write) => ({
      results: await write(),
      failures: new Map(),
      bases: new Map(),
      effects: {},
    }),
    isTaken: () => true,
    isLeft: () => false,
    leave: async () => undefined,
    leftDueAt: () => null,
  };
}

function comparable(ban: string): string {
  return ban.trim().toLowerCase();
}

/** HubSpot creates no company without a name or a domain (companies guide, read 2026-03). */
function nameless(map: FieldMap): AppError {
  const rule = map.rules.find(({ property }) => property === "name");
  return new AppError(
    "input",
    `HubSpot takes no new company without a name. ${
      rule
        ? `Give the customer a ${rule.path.join(".")}.`
        : "Map a field to HubSpot's property name."
    }`,
    { code: "COMPANY_NEEDS_NAME" },
  );
}
