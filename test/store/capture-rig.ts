/** A store that captures changes, a program beside it, one contact and one customer. */
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { EngineUnderTest } from "../support/store.ts";
import { insertOne, NOW } from "./builders.ts";
import { type ForeignProgram, foreignProgram } from "./foreign.ts";
import { mapsOf } from "./maps.ts";

/** A key of a JSON column with every sign that a statement could stumble over. */
export const ODD_KEY = `it's "odd".key \\ $hubspot_sync$ é`;
/** A field name of the same kind. */
export const ODD_FIELD = `o'dd "field" \\`;

/** Fields of every direction, in columns and in JSON leaves. */
export const maps = mapsOf({
  contacts: [
    { path: ["phone"] },
    { path: ["first_name"], realTime: true },
    { path: ["quality_score"], direction: "WARP_TO_HUBSPOT" },
    { path: ["custom", ODD_KEY], field: ODD_FIELD },
    { path: ["company_record", "industry"] },
    { path: ["provenance", "phone"], direction: "WARP_TO_HUBSPOT" },
  ],
  customers: [
    { path: ["current_balance"], direction: "WARP_TO_HUBSPOT", realTime: true },
    { path: ["tier"], direction: "HUBSPOT_TO_WARP", realTime: true },
    { path: ["company_name"] },
    { path: ["contact", "email"], field: "contact_email" },
    { path: ["contact", "phone"], field: "contact_phone" },
    { path: ["external_ids", "hubspot_company_id"], direction: "NONE" },
  ],
});

/** What a test sees of it. */
export interface CaptureRig {
  readonly store: Store;
  readonly other: ForeignProgram;
  /** The contact's id; she has the phone number +1. */
  readonly ada: number;
  /** The customer's id; its ban is B-1, its name Acme. */
  readonly acme: number;
  log(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  queue(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Sets it up on a fresh database. */
export async function captureRig({ empty, openAt }: EngineUnderTest): Promise<CaptureRig> {
  const url = await empty();
  const store = await openAt(url);
  await store.changes.capture(maps);
  const other = await foreignProgram(url);
  const ada = await insertOne(store, { email: "ada@example.com", phone: "+1" });
  await store.by("sync").customers.upsert([{ ban: "B-1", company_name: "Acme" }], NOW);
  return {
    store,
    other,
    ada,
    acme: (await store.customers.findByBans(["B-1"]))[0]?.id ?? 0,
    log: () =>
      other.rows(
        'select object, local_id, field, before, "after", changed_by from change_log order by id',
      ),
    queue: () =>
      other.rows("select object, local_id, reason, urgent, version from sync_queue order by 1, 2"),
  };
}
