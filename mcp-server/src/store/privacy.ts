/**
 * Erases people's data. Rows of the person go, or lose their values; in texts about something else that happen to name the person (jobs,
 * rejected rows, notifications) only the name goes. Customers stay as they are: they are accounts, and theirs to decide.
 */
import { sql } from "kysely";
import type { ErasedPeople, PrivacyStore } from "../ports/life-store.ts";
import { atomically } from "./atomically.ts";
import type { Engine } from "./engine.ts";
import { eraseCachedAnswers } from "./erased-answers.ts";
import { eraseMentions } from "./erased-mentions.ts";
import { packFields, unpackFields } from "./logged-fields.ts";
import { patchRows } from "./patch-rows.ts";
import { type Found, findPeople } from "./people-found.ts";
import { syncLogStore } from "./sync-log.ts";
import type { Db } from "./tables.ts";

const REASON_ERASED = "The reason was erased with the person's data.";
// So many rows of the log are read at once: a person may have thousands.
const LOG_PAGE = 500;

/** Erasure over a connection or a transaction. */
export function privacyStore(db: Db, engine: Engine): PrivacyStore {
  return {
    erase: (people, now) => atomically(db, (trx) => erase(trx, engine, people, now)),
  };
}

async function erase(db: Db, engine: Engine, people: ErasedPeople, now: string): Promise<void> {
  const found = await findPeople(db, engine, people);
  // What a killed process announced of them, nobody looks at again.
  await syncLogStore(db, engine).abandon("contacts", found.ids, now);
  await emptyLog(db, engine, found.ids);
  await eraseOwnRows(db, engine, found);
  await eraseOwnEvents(db, engine, found, now);
  await eraseCachedAnswers(db, found);
  await eraseMentions(db, found.traces);
}

/** That something was sent or fetched stays, without what. */
async function emptyLog(db: Db, engine: Engine, ids: readonly number[]): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("sync_log")
      .select(["id", "fields", "error"])
      .where("object", "=", "contacts")
      .where(engine.amongIds(sql.ref("local_id"), ids))
      .where("id", ">", after)
      .orderBy("id")
      .limit(LOG_PAGE)
      .execute();
    await patchRows(
      db,
      engine,
      { name: "sync_log", columns: { fields: "text", error: "text" } },
      rows.map(({ id, fields, error }) => ({
        id,
        set: { fields: withoutValues(fields), error: error === null ? null : REASON_ERASED },
      })),
    );
    if (rows.length < LOG_PAGE) return;
    after = rows.at(-1)?.id ?? after;
  }
}

function withoutValues(fields: string): string {
  return packFields(
    unpackFields(fields).map(({ field, rule }) => ({ field, rule, before: null, after: null })),
  );
}

const BY_LOCAL_ID = [
  "conflicts",
  "change_log",
  "field_state",
  "sync_queue",
  "links",
  "plan_records",
] as const;

/** The contact goes last, so that no earlier statement can tell anybody of a contact that is half gone. */
async function eraseOwnRows(db: Db, engine: Engine, { ids, hubspotIds }: Found): Promise<void> {
  for (const table of BY_LOCAL_ID) {
    await db
      .deleteFrom(table)
      .where("object", "=", "contacts")
      .where(engine.amongIds(sql.ref("local_id"), ids))
      .execute();
  }
  await db
    .deleteFrom("hubspot_queue")
    .where("object", "=", "contacts")
    .where(engine.among(sql.ref("hubspot_id"), hubspotIds))
    .execute();
  await db
    .deleteFrom("contacts")
    .where(engine.amongIds(sql.ref("id"), ids))
    .execute();
}

/** Notifications about the person are done with: what they would make us look at is gone. */
async function eraseOwnEvents(
  db: Db,
  engine: Engine,
  { hubspotIds }: Found,
  now: string,
): Promise<void> {
  await db
    .updateTable("webhook_events")
    .set({
      payload: "{}",
      processed_at: sql<string>`coalesce(processed_at, ${now})`,
      outcome: sql<"ignored">`coalesce(outcome, 'ignored')`,
      error: sql<string | null>`case when error is null then null else ${REASON_ERASED} end`,
    })
    .where("object", "=", "contacts")
    .where(engine.among(sql.ref("object_id"), hubspotIds))
    .execute();
}
