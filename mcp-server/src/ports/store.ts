/** The database as one port. */
import type { CacheStore, CompanyStore, ContactStore, RejectStore } from "./contact-store.ts";
import type { JobStore } from "./job-store.ts";
import type {
  ConflictStore,
  CursorStore,
  FieldStateStore,
  LinkStore,
  SyncLogStore,
  SyncQueueStore,
} from "./sync-store.ts";

/**
 * The database. Inside `transaction` use only the store handed to the callback; it commits when the callback
 * resolves and rolls back when it throws. Transactions do not nest.
 */
export interface Store {
  readonly contacts: ContactStore;
  readonly companies: CompanyStore;
  readonly cache: CacheStore;
  readonly rejects: RejectStore;
  readonly jobs: JobStore;
  readonly links: LinkStore;
  readonly fieldStates: FieldStateStore;
  readonly queue: SyncQueueStore;
  readonly syncLog: SyncLogStore;
  readonly conflicts: ConflictStore;
  readonly cursors: CursorStore;
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
