/** How far a job has carried out a plan, as its checkpoint keeps it. */
import { z } from "zod";
import type { MappedObject } from "../core/field-map.ts";

const schema = z.object({
  plan_id: z.string(),
  /** The last record of each kind that was dealt with. */
  done: z.object({ contacts: z.number().optional(), customers: z.number().optional() }),
});

/** The last record of each kind that was dealt with, by local id. */
export type PlanProgress = Readonly<Partial<Record<MappedObject, number>>>;

/** null when the job has not begun to carry this plan out. */
export function progressOf(checkpoint: string | null, planId: string): PlanProgress | null {
  if (checkpoint === null) return null;
  const { plan_id, done } = schema.parse(JSON.parse(checkpoint));
  if (plan_id !== planId) return null;
  const { contacts, customers } = done;
  return {
    ...(contacts === undefined ? {} : { contacts }),
    ...(customers === undefined ? {} : { customers }),
  };
}

/** The checkpoint that says so. */
export function progressText(planId: string, done: PlanProgress): string {
  return JSON.stringify({ plan_id: planId, done });
}
