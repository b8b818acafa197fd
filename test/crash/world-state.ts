/** Everything that a run leaves, here and in HubSpot, but for row numbers, record ids, times and numbers of tries. */
import { customersState } from "../support/crash-customers.ts";
import { rowsOf } from "../support/crash-rig.ts";
import { hubspotState, lasting, localState } from "../support/crash-state.ts";
import type { World } from "./scenario.ts";

type Row = Readonly<Record<string, unknown>>;

export function worldState({ file, simulator }: World): unknown {
  const { contacts, conflicts: _, ...local } = localState(file, simulator);
  const {
    companies: __,
    conflicts: ___,
    open: ____,
    ...customers
  } = customersState(file, simulator);
  const there = hubspotState(simulator);
  return {
    contacts: byKey(contacts as readonly Row[], "email"),
    local,
    customers,
    there: {
      contacts: byKey(
        there.contacts.map((one) => ({ ...one })),
        "email",
      ),
      notes: there.notes,
      companies: inOrder(
        simulator.hubspot.all("companies").map(({ properties }) => lasting(properties)),
      ),
    },
    conflicts: inOrder(
      rowsOf(
        file,
        `select object, coalesce(contacts.email, customers.ban) as record, field, conflicts.status
         from conflicts
         left join contacts on object = 'contacts' and contacts.id = local_id
         left join customers on object = 'customers' and customers.id = local_id`,
      ),
    ),
    toSync: inOrder(
      rowsOf(
        file,
        `select 'changed' as what, object, local_id, field from change_log
         union select 'queued', object, local_id, reason from sync_queue`,
      ),
    ),
    tombstones: inOrder(rowsOf(file, "select object, reason, policy from tombstones")),
    rejects: inOrder(rowsOf(file, "select row, raw, code, message, field from import_rejects")),
    cached: inOrder(rowsOf(file, "select type, key from enrichment_cache")),
  };
}

/** What must be left of nothing once everything is quiet: announced writes, news, jobs that did not complete. */
export function looseEnds({ file }: World): readonly Row[] {
  return rowsOf(
    file,
    `select 'announced' as what, object || ' ' || local_id as of, action as detail from sync_log where outcome = 'intent'
     union all select 'heard', object_id, subscription_type from webhook_events where processed_at is null
     union all select 'to meet', hubspot_id, kind from hubspot_queue
     union all select 'job ' || kind, status, errors from jobs where status <> 'completed'`,
  );
}

/** Rows by their key; a key that comes twice is told by its number. */
function byKey(rows: readonly Row[], key: string): Readonly<Record<string, Row>> {
  const seen = new Map<string, number>();
  return Object.fromEntries(
    rows.map((row) => {
      const name = String(row[key]);
      const number = (seen.get(name) ?? 0) + 1;
      seen.set(name, number);
      return [number === 1 ? name : `${name} (${number})`, { ...row, attempts: "any" }];
    }),
  );
}

function inOrder<T>(rows: readonly T[]): readonly T[] {
  const text = (row: T): string => JSON.stringify(row);
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
