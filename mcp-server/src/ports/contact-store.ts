/** What the program asks of the store about contacts, companies, cached answers and rejected rows. */
import type { Company, Firmographics } from "../core/company.ts";
import type { CompanyEnd } from "../core/company-ends.ts";
import type { Contact, ContactFields, ContactPatch } from "../core/contact.ts";
import type { RawRow, Rejection } from "../core/import-row.ts";
import type { ContactFilter, ContactSortField, Selection } from "../core/selection.ts";

/** A contact before its first write: the source's fields and nothing that has not happened yet. */
export interface NewContact {
  readonly fields: ContactFields;
  readonly source: Contact["source"];
  readonly imported_at: string;
}

/** One page of a query; `next_cursor` is null on the last page. `total` counts all matches. */
export interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface ContactQuery {
  readonly filter: ContactFilter;
  /** Matched case-insensitively inside email, names and company; `%` and `_` are plain characters. */
  readonly search?: string;
  readonly sort?: { readonly field: ContactSortField; readonly descending: boolean };
  readonly limit: number;
  readonly cursor?: string;
}

export interface ContactStore {
  /** Those of the e-mails (lower-case) that exist, in no order. At most 1,000 e-mails. */
  findByEmails(emails: readonly string[]): Promise<readonly Contact[]>;
  /** In no order; unknown ids are left out. At most 1,000 ids. */
  findByIds(ids: readonly number[]): Promise<readonly Contact[]>;
  /** Inserts new contacts with status `imported`. E-mails that exist already are left alone: only inserted ones come back. */
  insert(rows: readonly NewContact[]): Promise<readonly { id: number; email: string }[]>;
  /** Sets the given fields of each contact, and `updated_at` to `now`. */
  update(
    patches: readonly { readonly id: number; readonly set: ContactPatch }[],
    now: string,
  ): Promise<void>;
  /** Sets the same fields on many contacts in one statement. */
  updateAll(ids: readonly number[], set: ContactPatch, now: string): Promise<void>;
  query(query: ContactQuery): Promise<Page<Contact>>;
  count(filter: ContactFilter): Promise<number>;
  countByStatus(): Promise<Readonly<Record<string, number>>>;
  /**
   * Ids to enrich, ascending, after `afterId`, at most `limit`. `due`: imported, left in `enriching`
   * by a crash, failed in enrichment with retry_at <= now, or synced before they were ever enriched. Explicit selections take any status.
   */
  idsToEnrich(
    selection: Selection,
    afterId: number,
    limit: number,
    now: string,
  ): Promise<readonly number[]>;
  /**
   * Ids to sync, as idsToEnrich. `due`: imported, enriched, left in `syncing` by a crash, or failed in sync with
   * retry_at <= now. Explicit selections take any status.
   */
  idsToSync(
    selection: Selection,
    afterId: number,
    limit: number,
    now: string,
  ): Promise<readonly number[]>;
  /** When the earliest failed contact is due again, per stage; null when none is. */
  nextRetryAt(stage: "enrich" | "sync"): Promise<string | null>;
  /**
   * Deletes contacts with their links, bases, changes and queue entries. The log, and what caches, jobs and rejected rows say of them, stays: only
   * `privacy.erase` takes that.
   */
  remove(ids: readonly number[]): Promise<void>;
}

export interface CompanyStore {
  findByDomains(domains: readonly string[]): Promise<readonly Company[]>;
  /** In no order; unknown ids are left out. */
  findByIds(ids: readonly number[]): Promise<readonly Company[]>;
  /** Those of which HubSpot deleted one of these companies. */
  findByDeletedIds(hubspotIds: readonly string[]): Promise<readonly Company[]>;
  /** Keeps what became of companies in HubSpot; those that were merged into one of them follow to where that one went. */
  keepEnds(ends: readonly CompanyEnd[]): Promise<void>;
  /** Forgets the ends of those that have a link again, and returns those that had one. */
  forgetEnds(ids: readonly number[]): Promise<readonly Company[]>;
  /** Creates or updates by domain; null fields leave what is stored. Returns all of them with ids. */
  upsert(
    rows: readonly {
      readonly domain: string;
      readonly name: string | null;
      readonly firmographics: Firmographics | null;
      readonly summary: string | null;
    }[],
    now: string,
  ): Promise<readonly Company[]>;
}

export interface CacheEntry {
  readonly key: string;
  /** null = a negative entry: asked, and there is nothing. */
  readonly data: unknown;
  readonly cached_at: string;
}

/** Document A's enrichment_cache; `type` is contact, company or intelligence. */
export interface CacheStore {
  /** Entries that are not expired at `now`. */
  get(type: string, keys: readonly string[], now: string): Promise<ReadonlyMap<string, CacheEntry>>;
  put(
    type: string,
    entries: readonly { readonly key: string; readonly data: unknown }[],
    times: { readonly now: string; readonly expires_at: string },
  ): Promise<void>;
}

export interface Reject {
  readonly id: number;
  readonly job_id: string;
  readonly row: number;
  readonly raw: RawRow;
  readonly code: Rejection["code"];
  readonly message: string;
  readonly field: string | null;
  readonly created_at: string;
}

export interface RejectStore {
  add(
    jobId: string,
    rows: readonly { readonly row: number; readonly raw: RawRow; readonly rejection: Rejection }[],
    now: string,
  ): Promise<void>;
  /** By row, ascending, after row `afterRow`. */
  list(jobId: string, afterRow: number, limit: number): Promise<readonly Reject[]>;
}
