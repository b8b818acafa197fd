/** The database as one port. */

import type { ChangeStore, Writer } from "./change-store.ts";
import type { ConflictStore } from "./conflict-store.ts";
import type { CacheStore, CompanyStore, ContactStore, RejectStore } from "./contact-store.ts";
import type { CustomerStore } from "./customer-store.ts";
import type { FigureStore } from "./figure-store.ts";
import type { InboxStore, RemoteQueueStore } from "./inbox-store.ts";
import type { JobStore } from "./job-store.ts";
import type { LeaseStore, PrivacyStore, ReportStore, TombstoneStore } from "./life-store.ts";
import type { PlanStore } from "./plan-store.ts";
import type { RetentionStore } from "./retention-store.ts";
import type { SharedStore } from "./shared-store.ts";
import type {
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
  readonly customers: CustomerStore;
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
  readonly changes: ChangeStore;
  readonly plans: PlanStore;
  readonly inbox: InboxStore;
  readonly remoteQueue: RemoteQueueStore;
  readonly tombstones: TombstoneStore;
  readonly privacy: PrivacyStore;
  readonly leases: LeaseStore;
  readonly reports: ReportStore;
  readonly shared: SharedStore;
  readonly figures: FigureStore;
  readonly retention: RetentionStore;
  /** The same store (or the same transaction) whose writes to contacts and customers say who writes. */
  by(writer: Writer): Store;
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Whether others of this process wait for the transaction that is going on: a long one may then be ended early. */
  isAwaited(): boolean;
  close(): Promise<void>;
}
