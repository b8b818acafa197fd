/** Two that will not agree about a field: a scene on which every write of ours is answered by somebody. */
import type { Choice } from "../../mcp-server/src/core/resolution.ts";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import { judgeDecisions } from "../../mcp-server/src/tools/resolve-judge.ts";
import { carryOut } from "../../mcp-server/src/tools/resolve-records.ts";
import type { Process, SyncScene } from "./sync-scene.ts";

export const BAN = "B-1";
export const ADA = "ada@acme-robotics.com";

/** What HubSpot's workflow makes of a property, whoever changes it. */
export function workflow(scene: SyncScene, property: string, value: string): () => void {
  return () => {
    if (scene.company(BAN)[property] !== value)
      scene.editCompany(BAN, { [property]: value }, { userId: 99 });
  };
}

/** A program on our database that insists on a value. */
export function program(scene: SyncScene, column: string, value: string): () => void {
  return () => {
    scene.sql(`update customers set ${column} = ? where ${column} is not ?`, value, value);
  };
}

/** Syncs the customer so often, with everybody insisting before each time; minutes pass between. Returns how many writes reached HubSpot. */
export async function fight(
  scene: SyncScene,
  id: number,
  { rounds, insist, by = [scene] }: { rounds: number; insist: () => void; by?: readonly Process[] },
): Promise<number> {
  scene.forget();
  for (let round = 0; round < rounds; round += 1) {
    insist();
    await scene.look("customers", id);
    await by[round % by.length]?.sync({ queued_only: true });
    scene.clock.advance(60_000);
  }
  return scene.sent().length;
}

/** The open conflicts of all kinds. */
export async function openConflicts({ store }: SyncScene): Promise<readonly Conflict[]> {
  return (await store.conflicts.list({}, { afterId: 0, limit: 100 })).conflicts;
}

/** Decides a conflict as resolve-conflict does; returns the code of a refusal, or null. */
export async function decide(
  { store, maps, clock }: Pick<SyncScene, "store" | "clock" | "maps">,
  { conflict_id, version }: Pick<Conflict, "conflict_id" | "version">,
  choice: Choice,
): Promise<string | null> {
  const deciding = { now: clock.iso(), by: "ada", runId: `resolve_${version}_${clock.now()}` };
  const decision = { conflictId: conflict_id, version, choice, note: null };
  const { refused } = await store.transaction(async (within) =>
    carryOut(within, await judgeDecisions(within, maps, [decision]), deciding),
  );
  return refused[0]?.code ?? null;
}
