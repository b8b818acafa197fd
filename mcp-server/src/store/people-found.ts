/** Who is to be erased: from what is known of people to their records, and to what names them elsewhere. */
import { sql } from "kysely";
import type { ErasedPeople } from "../ports/life-store.ts";
import type { LoggedField } from "../ports/sync-store.ts";
import type { Engine } from "./engine.ts";
import { fromForeignJson } from "./json-text.ts";
import { unpackFields } from "./logged-fields.ts";
import { type PersonTraces, personTraces } from "./person-traces.ts";
import type { Db } from "./tables.ts";

/** The people's contacts and HubSpot records, and what names them. */
export interface Found {
  readonly ids: readonly number[];
  readonly hubspotIds: readonly string[];
  /** Their first names and generated summaries, as texts written about them hold these. */
  readonly firstNames: readonly string[];
  readonly summaries: readonly string[];
  readonly traces: PersonTraces;
}

/** Follows addresses and HubSpot ids to contacts, and contacts to their HubSpot ids and earlier addresses. */
export async function findPeople(db: Db, engine: Engine, people: ErasedPeople): Promise<Found> {
  const linked = await links(db)
    .where(among(engine, "hubspot_id", people.hubspotIds))
    .execute();
  const contacts = await db
    .selectFrom("contacts")
    .select(["id", "email", "phone", "linkedin_url", "first_name", "intelligence"])
    .where((eb) =>
      eb.or([
        engine.amongIds(sql.ref("id"), [
          ...people.contactIds,
          ...linked.map((link) => link.local_id),
        ]),
        among(
          engine,
          "email",
          people.emails.map((email) => email.toLowerCase()),
        ),
      ]),
    )
    .execute();
  const ids = [
    ...new Set([
      ...people.contactIds,
      ...contacts.map((contact) => contact.id),
      ...(await deletedBefore(db, engine, people.hubspotIds)),
    ]),
  ];
  const own = await links(db)
    .where(engine.amongIds(sql.ref("local_id"), ids))
    .execute();
  return {
    ids,
    hubspotIds: [...new Set([...people.hubspotIds, ...own.map((link) => link.hubspot_id)])],
    firstNames: said(contacts.map((contact) => contact.first_name)),
    summaries: said(contacts.map((contact) => summaryOf(contact.intelligence))),
    traces: personTraces([
      ...people.emails,
      ...said(contacts.flatMap(({ email, phone, linkedin_url }) => [email, phone, linkedin_url])),
      ...(await earlierAddresses(db, engine, ids)),
    ]),
  };
}

/** Contacts that were deleted here before, by what the log still says of their HubSpot records. */
async function deletedBefore(
  db: Db,
  engine: Engine,
  hubspotIds: readonly string[],
): Promise<readonly number[]> {
  if (hubspotIds.length === 0) return [];
  const rows = await db
    .selectFrom("sync_log")
    .select("local_id")
    .distinct()
    .where("object", "=", "contacts")
    .where(engine.among(sql.ref("hubspot_id"), hubspotIds))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("contacts").select("id").whereRef("contacts.id", "=", "sync_log.local_id"),
        ),
      ),
    )
    .execute();
  return rows.map((row) => row.local_id);
}

function links(db: Db) {
  return db.selectFrom("links").select(["local_id", "hubspot_id"]).where("object", "=", "contacts");
}

function among(engine: Engine, column: string, values: readonly string[]) {
  return engine.among(sql.ref(column), values);
}

function said(texts: readonly (string | null)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== null && text.trim() !== ""))].map(String);
}

function summaryOf(intelligence: string | null): string | null {
  const written = fromForeignJson<{ readonly summary?: unknown }>(intelligence);
  return typeof written?.summary === "string" ? written.summary : null;
}

/** Addresses that the contact had when it was last synced, or before somebody changed it. */
async function earlierAddresses(
  db: Db,
  engine: Engine,
  ids: readonly number[],
): Promise<readonly string[]> {
  const states = await db
    .selectFrom("field_state")
    .select("base")
    .where("object", "=", "contacts")
    .where(engine.amongIds(sql.ref("local_id"), ids))
    .execute();
  const changes = await db
    .selectFrom("change_log")
    .select(["before", "after"])
    .where("object", "=", "contacts")
    .where("field", "=", "email")
    .where(engine.amongIds(sql.ref("local_id"), ids))
    .execute();
  const logged = await db
    .selectFrom("sync_log")
    .select("fields")
    .where("object", "=", "contacts")
    .where(engine.amongIds(sql.ref("local_id"), ids))
    .where("fields", "like", "%email%")
    .execute();
  const bases = states.map(({ base }) => fromForeignJson<{ readonly email?: unknown }>(base));
  return [
    ...bases.map((base) => base?.email).filter((email) => typeof email === "string"),
    ...said(changes.flatMap(({ before, after }) => [before, after])),
    ...said(logged.flatMap(({ fields }) => unpackFields(fields).flatMap(addressesOf))),
  ].filter((address) => address.includes("@"));
}

function addressesOf({ field, before, after, lost }: LoggedField): readonly (string | null)[] {
  return field === "email" ? [before, after, lost ?? null] : [];
}
