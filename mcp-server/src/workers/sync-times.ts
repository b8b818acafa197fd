/** Asks HubSpot when properties were set, where a plan cannot be made without. */
import { type PlannedRecord, planSides } from "../core/sync-record.ts";
import type { SyncRun } from "./sync-kind.ts";

/** HubSpot's own time per field is asked for only where both sides moved and the time decides or a person will want to know it. */
export async function withTimes(
  run: SyncRun,
  planned: readonly PlannedRecord[],
): Promise<readonly PlannedRecord[]> {
  const open = new Set(
    planned.filter(({ plan, sides }) => plan.needsTimes.length > 0 && sides.hubspotId !== null),
  );
  if (open.size === 0) return planned;
  const ids = [...open].flatMap(({ sides }) => sides.hubspotId ?? []);
  const properties = [...new Set([...open].flatMap(({ plan }) => plan.needsTimes))];
  const times = await run.crm.propertyTimes(run.kind.crmObject, { ids, properties }, run.call);
  return planned.map((item) => {
    if (!open.has(item)) return item;
    const sides = { ...item.sides, remoteAt: times.get(item.sides.hubspotId ?? "") ?? {} };
    return { sides, plan: planSides(run.kind.rulesFor(sides), sides, run.direction) };
  });
}
