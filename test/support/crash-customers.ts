/** Customers in two worlds that must end alike: everything but row numbers, record ids and times. */
import type { Simulator } from "../../mcp-server/simulator/simulator.ts";
import { rowsOf } from "./crash-rig.ts";
import { lasting, timeless } from "./crash-state.ts";

type Row = Readonly<Record<string, unknown>>;
type RecordKey = { readonly object: string; readonly local_id: number };

export interface CustomersState {
  /** By account number: the row, the account number of the company that it is linked to, and what both sides agreed on. */
  readonly customers: Readonly<Record<string, unknown>>;
  /** What HubSpot holds, by account number or, of those without, in HubSpot's order. */
  readonly companies: readonly unknown[];
  readonly conflicts: readonly unknown[];
  readonly links: number;
  /** Work, unsettled changes, writes that nobody knows the end of: none once everything is quiet. */
  readonly open: readonly unknown[];
}

/** Everything about customers, here and there. */
export function customersState(file: string, { hubspot }: Simulator): CustomersState {
  const companies = hubspot.all("companies");
  const banOf = new Map(companies.map(({ id, properties }) => [id, properties["warp_ban"]]));
  const named = (id: unknown): unknown => (id ? (banOf.get(String(id)) ?? "nobody") : null);
  const ofCustomers = <T extends Row>(table: string): ReadonlyMap<number, T> =>
    new Map(
      rowsOf<T & RecordKey>(file, `select * from ${table} where object = 'customers'`).map(
        (row) => [row.local_id, row],
      ),
    );
  const links = ofCustomers<{ hubspot_id: string }>("links");
  const states = ofCustomers<{ base: string }>("field_state");
  const customers = rowsOf<Row & { id: number; ban: string; external_ids: string | null }>(
    file,
    "select * from customers order by ban",
  );
  return {
    customers: Object.fromEntries(
      customers.map(({ id, external_ids, ...row }) => [
        row.ban,
        {
          ...timeless(row),
          noted: named(JSON.parse(external_ids ?? "{}")["hubspot_company_id"]),
          link: named(links.get(id)?.hubspot_id),
          base: timeless(JSON.parse(states.get(id)?.base ?? "{}")),
        },
      ]),
    ),
    companies: companies
      .map(({ properties }) => lasting(properties))
      .sort((a, b) => ((a["warp_ban"] ?? "") < (b["warp_ban"] ?? "") ? -1 : 1)),
    conflicts: conflictsIn(file),
    links: links.size,
    open: openIn(file),
  };
}

/** Conflicts by record and field, whatever their numbers. */
function conflictsIn(file: string): readonly Row[] {
  return rowsOf(
    file,
    `select customers.ban, field, base, local, hubspot, conflicts.status, version, resolution, note, resolved_by
     from conflicts join customers on customers.id = conflicts.local_id
     where object = 'customers' order by ban, field, conflicts.id`,
  );
}

/** What is left to do or to find out. */
export function openIn(file: string): readonly Row[] {
  return rowsOf(
    file,
    `select 'queued' as what, local_id as of, reason as detail from sync_queue
     union all select 'changed', local_id, field from change_log
     union all select 'announced', local_id, run_id from sync_log where outcome = 'intent'
     union all select 'job', kind, status from jobs where status in ('queued', 'running')`,
  );
}

/** Whether no job is at work; with a server that sends changes as they happen, whether no record waits either. */
export function isQuiet(file: string, live: boolean): boolean {
  const waiting = live ? " union all select 1 from sync_queue" : "";
  const busy = `select 1 from jobs where status in ('queued', 'running')${waiting} limit 1`;
  return rowsOf(file, busy).length === 0;
}
