/** Forgets what the cache holds about people: entries under their addresses, and texts that were written for them. */
import type { Expression, SqlBool } from "kysely";
import { mentioning } from "./mentions.ts";
import type { Found } from "./people-found.ts";
import { escaped } from "./person-traces.ts";
import type { Db } from "./tables.ts";

// Entries are read to compare whole words; so many at once, because a short name stands in many texts.
const PAGE = 200;

interface Entry {
  readonly type: string;
  readonly key: string;
  readonly data: string;
}

/**
 * Texts are kept under a digest of the facts, not under a name. Those that hold a person's first name go, whoever they were written for:
 * to ask for a text again costs a little, and one that stays is the person's.
 */
export async function eraseCachedAnswers(db: Db, found: Found): Promise<void> {
  const { traces, firstNames, summaries } = found;
  const names = firstNames.map(wholeWord);
  const isAboutThem = ({ key, data }: Entry) =>
    traces.areIn(key) ||
    traces.areIn(data) ||
    names.some((name) => name.test(data)) ||
    summaries.some((summary) => data.includes(JSON.stringify(summary)));
  const named = [
    ...mentioning(["key", "data"], traces.terms),
    ...mentioning(["data"], [...firstNames, ...summaries]),
  ];
  for (const condition of named) await forgetThose(db, condition, isAboutThem);
}

function wholeWord(name: string): RegExp {
  return new RegExp(`(?<!\\p{L})${escaped(name.trim())}(?!\\p{L})`, "iu");
}

async function forgetThose(
  db: Db,
  condition: Expression<SqlBool>,
  isMeant: (entry: Entry) => boolean,
): Promise<void> {
  for (let after = { type: "", key: "" }; ; ) {
    const entries = await entriesAfter(db, condition, after);
    for (const entry of entries.filter(isMeant)) await forget(db, entry);
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE) return;
    after = last;
  }
}

function entriesAfter(
  db: Db,
  condition: Expression<SqlBool>,
  after: Pick<Entry, "type" | "key">,
): Promise<readonly Entry[]> {
  return db
    .selectFrom("enrichment_cache")
    .select(["type", "key", "data"])
    .where((eb) => eb(eb.refTuple("type", "key"), ">", eb.tuple(after.type, after.key)))
    .where(condition)
    .orderBy("type")
    .orderBy("key")
    .limit(PAGE)
    .execute();
}

async function forget(db: Db, { type, key }: Entry): Promise<void> {
  await db.deleteFrom("enrichment_cache").where("type", "=", type).where("key", "=", key).execute();
}
