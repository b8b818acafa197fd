/** Whether the inbox has room for more notifications, known without asking the database each time. */
import type { InboxStore } from "../ports/inbox-store.ts";
import type { Clock } from "../ports/world.ts";

// Others empty the inbox, and other processes fill it too: so often it is counted afresh. In between it can only be fuller than is known by
// what other processes add in this time.
const COUNTED_EVERY_MS = 1_000;

export interface InboxRoom {
  /** Whether `count` more may come. Rejects when the inbox could never be counted yet. */
  hasRoom(count: number): Promise<boolean>;
  /** Tells that so many have been added. */
  added(count: number): void;
}

interface RoomOptions {
  readonly inbox: Pick<InboxStore, "depth">;
  readonly clock: Pick<Clock, "now">;
  /** How many may wait. */
  readonly max: number;
}

/** Counts in memory and is put right by the database in the background; only the very first question waits for it. */
export function createInboxRoom({ inbox, clock, max }: RoomOptions): InboxRoom {
  let waiting: number | null = null;
  let countedAt = 0;
  let counting: Promise<void> | null = null;
  let addedMeanwhile = 0;

  const count = async (): Promise<void> => {
    addedMeanwhile = 0;
    countedAt = clock.now();
    const depth = await inbox.depth(max);
    // What was added meanwhile may have been counted or not: counted twice it is put right by the next count.
    waiting = depth.waiting + addedMeanwhile;
  };
  const recount = (): Promise<void> => {
    counting ??= count().finally(() => {
      counting = null;
    });
    return counting;
  };

  return {
    hasRoom: async (more) => {
      if (waiting === null) await recount();
      // A count that fails says nothing about the events; adding them shows soon enough whether the database answers.
      else if (clock.now() - countedAt >= COUNTED_EVERY_MS) recount().catch(() => undefined);
      return (waiting ?? 0) + more <= max;
    },
    added: (more) => {
      addedMeanwhile += more;
      if (waiting !== null) waiting += more;
    },
  };
}
