/** Tells a record that is the refused one under another key from a stranger that only has one of its unique values. */
import { toAppError } from "../core/errors.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { CrmRecord, WriteOutcome } from "../ports/crm.ts";
import type { SyncRun } from "./sync-kind.ts";

type Rejected = Extract<WriteOutcome, { kind: "rejected" }>;

/**
 * Outcomes of creates in which `existingId` is left only where that record answers to the refused one's key; it may be joined then. A stranger
 * may hold any other property that HubSpot keeps unique, and nothing of ours may be written over it. What cannot be read now is tried again.
 */
export async function withAdoptable(
  run: SyncRun,
  fresh: readonly PlannedRecord[],
  outcomes: readonly WriteOutcome[],
): Promise<readonly WriteOutcome[]> {
  const ids = outcomes.flatMap((outcome) => (isInTheWay(outcome) ? outcome.existingId : []));
  if (ids.length === 0) return outcomes;
  const keys = new Map(fresh.map(({ sides }) => [String(sides.id), sides.key]));
  const read = await readThose(run, ids);
  return outcomes.map((outcome): WriteOutcome => {
    if (!isInTheWay(outcome)) return outcome;
    const { ref, existingId } = outcome;
    if (read.kind === "failed") return { kind: "failed", ref, error: read.error };
    const properties = read.byId.get(existingId)?.properties ?? {};
    const key = run.kind.comparable(keys.get(ref) ?? "");
    return run.kind.keysOf(properties).includes(key) ? outcome : { ...outcome, existingId: null };
  });
}

function isInTheWay(outcome: WriteOutcome): outcome is Rejected & { readonly existingId: string } {
  return outcome.kind === "rejected" && outcome.existingId !== null;
}

async function readThose({ crm, kind, call }: SyncRun, ids: readonly string[]) {
  try {
    const properties = [kind.keyProperty, ...kind.alsoRead];
    const ask = { ids: [...new Set(ids)], properties };
    const { found, merged } = await crm.read(kind.crmObject, ask, call);
    const byId = new Map<string, CrmRecord>(found.map((record) => [record.id, record]));
    for (const [from, id] of merged) {
      const survivor = byId.get(id);
      if (survivor) byId.set(from, survivor);
    }
    return { kind: "read", byId } as const;
  } catch (thrown) {
    // Its batch was written: what became of the others must not be forgotten over this.
    return { kind: "failed", error: toAppError(thrown) } as const;
  }
}
