/** Puts enriched contacts into the program's database, as an import and an enrichment leave them. */
import type { App } from "../src/app.ts";
import type { Contact, ContactFields } from "../src/core/contact.ts";
import { range } from "./sync-rig.ts";

const PER_TRANSACTION = 500;

/** What an enrichment sets. */
export type Enrichment = Pick<Contact, "status" | "enriched_at" | "quality_score" | "intelligence">;

/** Writes `count` contacts; `fieldsOf` and `enrichmentOf` are asked with their numbers from 0. */
export async function seedContacts(
  app: App,
  count: number,
  make: {
    readonly fieldsOf: (contact: number) => ContactFields;
    readonly enrichmentOf: (contact: number) => Enrichment;
  },
): Promise<void> {
  const now = new Date().toISOString();
  for (let from = 0; from < count; from += PER_TRANSACTION) {
    const numbers = range(Math.min(PER_TRANSACTION, count - from)).map((n) => from + n);
    const store = app.store.by("enrich");
    const inserted = await store.contacts.insert(
      numbers.map((n) => ({ source: "csv", imported_at: now, fields: make.fieldsOf(n) })),
    );
    await store.contacts.update(
      inserted.map(({ id }, index) => ({ id, set: make.enrichmentOf(from + index) })),
      now,
    );
  }
}
