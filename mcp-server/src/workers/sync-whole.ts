/** Whether somebody has asked for all of a kind to be synced: before that, changes alone create nothing in HubSpot. */
import type { MappedObject } from "../core/field-map.ts";
import type { SyncArgs } from "../core/sync-args.ts";
import type { Store } from "../ports/store.ts";

const cursor = (object: MappedObject): string => `synced-whole:${object}`;

/** Whether a sync of everything that was due has once come to its end. */
export async function wasSyncedWhole(store: Store, object: MappedObject): Promise<boolean> {
  return (await store.cursors.get(cursor(object))) !== null;
}

/** Notes it, after a sync or plan that was not narrowed down. One that only pulls creates nothing in HubSpot, so it says nothing about that. */
export async function noteWhole(store: Store, args: SyncArgs, now: string): Promise<void> {
  if (args.selection?.kind !== "due" || args.direction === "pull") return;
  for (const object of args.objects)
    if (!(await wasSyncedWhole(store, object))) await store.cursors.set(cursor(object), now, now);
}
