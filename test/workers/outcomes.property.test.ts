/**
 * Every planned change has exactly one outcome in the log, whatever happens on the way: a preview says what is planned, the sync is run with faults in
 * its writes, and the log must tell of each planned change once, with the end that it had. `OUTCOME_RUNS=200` runs more; `FC_SEED` and `FC_PATH`
 * replay a failure.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoggedField, SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { intelligence, QUARTER_HOUR } from "../support/sync-rig.ts";
import { type Audit, auditOf } from "./outcome-audit.ts";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const { FC_SEED, FC_PATH, OUTCOME_RUNS = "12" } = process.env;
const RUNS = Number(OUTCOME_RUNS);
const replay = {
  ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
};

const manual = { sync_direction: "BIDIRECTIONAL", conflict_resolution: "MANUAL" };
const maps = mapsWith({ contacts: { job_title: manual }, customers: { legal_name: manual } });

const people = ["ada@acme-robotics.com", "bo@bolt.example", "cy@acme-robotics.com"];
const accounts = ["B-1", "B-2"];
type ObjectName = "contacts" | "customers";

/** Fields with the property that holds the same text: both ways by time, by a person, outwards and inwards only. */
const fields = {
  contacts: { city: "city", job_title: "jobtitle", first_name: "firstname" },
  customers: {
    company_name: "name",
    legal_name: "warp_legal_name",
    status: "warp_status",
    payment_terms: "warp_payment_terms",
  },
} as const;

/** Where HubSpot takes some values only, they are these. */
const options: Readonly<Record<string, readonly string[]>> = {
  status: ["ACTIVE", "CLOSED"],
  payment_terms: ["NET30", "NET60"],
};

const edit = fc.oneof(
  fc.record({
    object: fc.constant("contacts" as const),
    of: fc.nat(people.length - 1),
    field: fc.constantFrom(...Object.entries(fields.contacts)),
    side: fc.constantFrom("here", "there"),
    value: fc.constantFrom(0, 1, null),
  }),
  fc.record({
    object: fc.constant("customers" as const),
    of: fc.nat(accounts.length - 1),
    field: fc.constantFrom(...Object.entries(fields.customers)),
    side: fc.constantFrom("here", "there"),
    value: fc.constantFrom(0, 1, null),
  }),
);
const fault = fc.record({
  name: fc.constantFrom(
    "http-500",
    "http-503",
    "http-423",
    "timeout-before-commit",
    "timeout-after-commit",
    "reset-after-commit",
    "empty-2xx",
  ),
  path: fc.constantFrom(
    "/contacts/batch/upsert",
    "/contacts/batch/update",
    // Both ways of writing, and not the reading.
    "/companies/batch/up",
    "/notes/batch/create",
  ),
  times: fc.constantFrom(1, 40),
});
const history = fc.array(
  fc.record({ edits: fc.array(edit, { maxLength: 8 }), fault: fc.option(fault) }),
  { minLength: 1, maxLength: 3 },
);
type Round = typeof history extends fc.Arbitrary<readonly (infer R)[]> ? R : never;

interface World {
  readonly scene: SyncScene;
  readonly audit: Audit;
  readonly records: readonly { readonly object: ObjectName; readonly id: number }[];
}

test(
  "what is planned is announced, and ends once, as what it came to",
  { timeout: 60_000 + RUNS * 10_000 },
  () =>
    fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const world = await newWorld();
        try {
          for (const round of rounds) await checkedRound(world, round);
          for (let quiet = 0; quiet < 3; quiet += 1) {
            world.scene.clock.advance(QUARTER_HOUR);
            await checkedRound(world, { edits: [], fault: null });
          }
          await checkReplay(world);
        } finally {
          await world.scene.close();
        }
      }),
      { numRuns: RUNS, endOnFailure: true, ...replay },
    ),
);

async function newWorld(): Promise<World> {
  let audit: Audit | null = null;
  const scene = await syncScene({
    maps,
    between: (rig) => {
      audit = auditOf(rig);
      return audit.crm;
    },
  });
  if (!audit) throw new Error("nobody watches");
  const records: { object: ObjectName; id: number }[] = [];
  for (const email of people) {
    const id = await scene.contact(email, { domain: "acme-robotics.com", intelligence });
    records.push({ object: "contacts", id });
  }
  for (const ban of accounts) {
    const id = await scene.customer({ ban, company_name: `Company ${ban}` });
    records.push({ object: "customers", id });
  }
  return { scene, audit, records };
}

function apply(
  { scene, records }: World,
  { object, of, field, side, value }: Round["edits"][number],
) {
  const [column, property] = field;
  const text = value === null ? null : (options[column] ?? ["Berlin", "Paris"])[value];
  const ids = records.filter((one) => one.object === object).map(({ id }) => id);
  if (side === "here") {
    scene.sql(`update ${object} set ${column} = ? where id = ?`, text ?? null, ids[of] ?? 0);
    return;
  }
  const { hubspot } = scene.simulator;
  const key = object === "contacts" ? (people[of] ?? "") : `warp_ban=${accounts[of]}`;
  const type = object === "contacts" ? "contacts" : "companies";
  if (hubspot.find(type, key)) hubspot.editAsUser(type, key, { [property]: text ?? "" });
}

async function checkedRound(world: World, { edits, fault: strikes }: Round): Promise<void> {
  const { scene, audit, records } = world;
  for (const one of edits) apply(world, one);
  for (const { object, id } of records) await scene.look(object, id);
  const { result } = await scene.sync({ dry_run: true });
  const planned = plansIn(result);
  const told = await toldBefore(world);
  const before = scene.rows("select coalesce(max(id), 0) as id from sync_log")[0]?.["id"];
  audit.take();
  scene.clock.advance(1_000);
  const startedAt = scene.clock.iso();
  if (strikes) scene.simulator.faults.add({ service: "hubspot", ...strikes });
  const job = await scene.sync();
  scene.simulator.faults.clear();

  expect(job).toMatchObject({ status: "completed", errors: expect.anything() });
  expect(audit.unannounced).toEqual([]);
  const sent = audit.take();
  for (const { object, id } of records) {
    const all = (await scene.history(object, id)).toReversed();
    const rows = all.filter((row) => row.id > Number(before));
    expect(rows.filter(({ outcome }) => outcome === "intent")).toEqual([]);
    const plan = planned.get(`${object} ${id}`) ?? nothing;
    const ends = sent.filter((one) => one.object === object && one.local_id === id);
    checkWrites(world, plan, { rows, ends: ends.map(({ outcome }) => outcome) });
    // Of a record whose write did not come through nothing else is done: it is planned anew.
    const [state] = await scene.store.fieldStates.get(object, [id]);
    const isSettled = (state?.synced_at ?? "") >= startedAt;
    const isNews = (line: LoggedField) => !told.has(`${object} ${id} ${causeOf(line)}`);
    const expected = {
      pull: isSettled ? plan.local_changes : [],
      conflict: isSettled ? plan.conflicts.filter(isNews) : [],
      blocked: isSettled ? plan.blocked.filter(isNews) : [],
    };
    for (const action of ["pull", "conflict", "blocked"] as const)
      expect(linesOf(rows, action)).toEqual(expected[action].length > 0 ? [expected[action]] : []);
  }
}

interface Plan {
  readonly hubspot_changes: readonly LoggedField[];
  readonly local_changes: readonly LoggedField[];
  readonly conflicts: readonly LoggedField[];
  readonly blocked: readonly LoggedField[];
}
const nothing: Plan = { hubspot_changes: [], local_changes: [], conflicts: [], blocked: [] };

function plansIn(result: Readonly<Record<string, unknown>> | null): ReadonlyMap<string, Plan> {
  const shown: readonly (Plan & { object: string; id: number })[] = JSON.parse(
    JSON.stringify(result?.["records"] ?? []),
  );
  return new Map(shown.map((plan) => [`${plan.object} ${plan.id}`, plan]));
}

/**
 * One row with the planned values, and one for each time that something of it was tried again at once, each ended as HubSpot answered; and what
 * they say was done is done.
 */
function checkWrites(
  { scene }: World,
  { hubspot_changes: lines }: Plan,
  { rows, ends }: { readonly rows: readonly SyncLogEntry[]; readonly ends: readonly string[] },
): void {
  const writes = rows.filter(({ action }) => action === "create" || action === "update");
  expect(writes[0]?.fields ?? []).toEqual(lines);
  expect(writes.map(({ outcome }) => outcome)).toEqual(ends);
  const done = writes.findIndex(({ outcome }) => outcome === "done");
  expect([-1, writes.length - 1]).toContain(done);
  for (const { object, outcome, hubspot_id, fields: told } of writes) {
    if (outcome !== "done") continue;
    const type = object === "contacts" ? "contacts" : "companies";
    const there = scene.simulator.hubspot.find(type, hubspot_id ?? "")?.properties ?? {};
    const names: Readonly<Record<string, string>> =
      object === "contacts" ? fields.contacts : fields.customers;
    for (const { field, after } of told) {
      const property = names[field];
      if (property !== undefined) expect(there[property] || null).toBe(after);
    }
  }
}

function linesOf(
  rows: readonly SyncLogEntry[],
  action: string,
): readonly (readonly LoggedField[])[] {
  return rows
    .filter((row) => row.action === action)
    .map(({ fields: told }) => told.filter(({ field }) => !field.startsWith("@")));
}

/** Fields that wait or may not travel, for the values they have, as the log told already. */
async function toldBefore({ scene, records }: World): Promise<ReadonlySet<string>> {
  const told = new Set<string>();
  for (const { object, id } of records) {
    for (const [name, cause] of Object.entries(await scene.base(object, id))) {
      const [field = "", kind] = name.split("@");
      if (kind !== "conflict" && kind !== "blocked") continue;
      const [, one, other]: unknown[] = JSON.parse(cause ?? "[]");
      told.add(`${object} ${id} ${field} ${[one, other].map(String).toSorted()}`);
    }
  }
  return told;
}

function causeOf({ field, before, after }: LoggedField): string {
  return `${field} ${[before, after].map(String).toSorted()}`;
}

/** What the log says was done, in its order, leads to the links and, but for what both sides hold anyway, to the bases. */
async function checkReplay({ scene, records }: World): Promise<void> {
  for (const { object, id } of records) {
    const rows = (await scene.history(object, id)).toReversed();
    const done = rows.filter(({ outcome }) => outcome === "done");
    const link = done.findLast(({ hubspot_id }) => hubspot_id !== null)?.hubspot_id ?? null;
    const [stored] = await scene.store.links.byLocalIds(object, [id]);
    expect(link).toBe(stored?.hubspot_id ?? null);
    const brought = done.filter(({ action }) => ["create", "update", "pull"].includes(action));
    const replayed = new Map(
      brought.flatMap((row) => row.fields.map(({ field, after }) => [field, after] as const)),
    );
    const base = await scene.base(object, id);
    const names: Readonly<Record<string, string>> =
      object === "contacts" ? fields.contacts : fields.customers;
    for (const [field, value] of replayed) {
      const property = names[field];
      if (property === undefined || base[field] === value) continue;
      const type = object === "contacts" ? "contacts" : "companies";
      const there = scene.simulator.hubspot.find(type, link ?? "")?.properties[property] || null;
      expect([field, base[field]]).toEqual([field, there]);
    }
  }
}
