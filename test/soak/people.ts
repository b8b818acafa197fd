/** What people, other programs and an agent do all the time, on both sides. */
import type { Edit, Place, Side } from "./ledger.ts";
import { count, oneOf, runJob, type SoakWorld } from "./world.ts";

interface EditedField {
  readonly object: Place["object"];
  readonly field: string;
  readonly property: string;
  readonly sides: readonly Side[];
  readonly value: (n: number) => string;
}

const anywhere = ["here", "hubspot"] as const;

/** Fields of every direction and strategy; HubSpot's own fields are edited there only, and ours here. */
const fields: readonly EditedField[] = [
  {
    ...{ object: "contacts", field: "city", property: "city", sides: anywhere },
    value: (n) => `City ${n}`,
  },
  {
    ...{ object: "contacts", field: "job_title", property: "jobtitle", sides: anywhere },
    value: (n) => `Title ${n}`,
  },
  {
    ...{ object: "customers", field: "company_name", property: "name", sides: anywhere },
    value: (n) => `Firm ${n}`,
  },
  {
    ...{ object: "customers", field: "legal_name", property: "warp_legal_name", sides: anywhere },
    value: (n) => `Legal ${n}`,
  },
  {
    ...{ object: "customers", field: "current_balance", property: "warp_current_balance" },
    sides: ["here"],
    value: (n) => `${n}.25`,
  },
  {
    ...{ object: "customers", field: "payment_terms", property: "warp_payment_terms" },
    sides: ["hubspot"],
    value: (n) => `NET${n}`,
  },
];

/** The property of an edited field. */
export function propertyOf({ object, field }: Pick<Place, "object" | "field">): string {
  const found = fields.find((one) => one.object === object && one.field === field);
  if (!found) throw new Error(`nobody edits ${object} ${field}`);
  return found.property;
}

/** HubSpot's name of a record. */
export function crmRecord({ object, key }: Pick<Place, "object" | "key">) {
  return object === "contacts"
    ? ({ type: "contacts", name: key } as const)
    : ({ type: "companies", name: `warp_ban=${key}` } as const);
}

/** One edit by somebody. While the database is locked nobody edits here. */
export function edit(world: SoakWorld, isLocked: boolean): void {
  const { random, people } = world;
  const field = oneOf(random, fields);
  const side = oneOf(random, field.sides);
  if (side === "here" && isLocked) return;
  const key = oneOf(random, field.object === "contacts" ? people.emails : people.bans);
  const value = field.value(world.edits.length + 1);
  const place = { object: field.object, key, field: field.field };
  const replaced = side === "here" ? editHere(world, place, value) : editThere(world, place, value);
  if (replaced === undefined) return;
  const made: Edit = { ...place, side, value, replaced, at: Date.now() };
  world.edits.push(made);
  count(world, `edits_${side}`);
}

/** What it wrote over; undefined when there is no such record. */
function editHere({ sql }: SoakWorld, place: Place, value: string): string | null | undefined {
  const { object, field } = place;
  const key = object === "contacts" ? "email" : "ban";
  const read = sql.prepare<[string], { value: unknown }>(
    `select ${field} as value from ${object} where ${key} = ?`,
  );
  const write = sql.prepare(`update ${object} set ${field} = ? where ${key} = ?`);
  const change = sql.transaction(() => {
    const row = read.get(place.key);
    if (row) write.run(value, place.key);
    return row;
  });
  const row = change.immediate();
  return row && (row.value === null ? null : String(row.value));
}

function editThere({ simulator }: SoakWorld, place: Place, value: string) {
  const { type, name } = crmRecord(place);
  const property = propertyOf(place);
  const record = simulator.hubspot.find(type, name);
  if (!record || record.archived) return undefined;
  try {
    simulator.hubspot.editAsUser(type, name, { [property]: value });
  } catch {
    // Two writes in one millisecond: the page would have been a moment later.
    return undefined;
  }
  return record.properties[property] || null;
}

/** Somebody new, on one side or on both at once. */
export async function meetSomebody(world: SoakWorld): Promise<void> {
  const { random, people, simulator, fleet } = world;
  const email = `new-${people.emails.length}@company-${people.emails.length % 30}.com`;
  const where = oneOf(random, ["here", "hubspot", "both"]);
  people.emails.push(email);
  count(world, `created_${where}`);
  const created = [
    where === "hubspot" ? null : runJob(fleet, "/api/import/records", { records: [{ email }] }),
    where === "here" ? null : createThere(simulator, email),
  ];
  await Promise.all(created);
}

/** As another app with the same token: it takes its part of the limits, and of the faults. */
async function createThere(
  { hubspotUrl, hubspotToken }: SoakWorld["simulator"],
  email: string,
): Promise<void> {
  const answer = await fetch(`${hubspotUrl}/crm/objects/2026-09/contacts`, {
    method: "POST",
    headers: { authorization: `Bearer ${hubspotToken}`, "content-type": "application/json" },
    body: JSON.stringify({ properties: { email, firstname: "New" } }),
  });
  await answer.arrayBuffer();
}

/** Somebody throws a contact away in HubSpot, or takes one out of the bin again. */
export function throwAway(world: SoakWorld, bin: string[]): void {
  const { random, people, simulator } = world;
  const [oldest] = bin;
  if (oldest !== undefined && random() < 0.5) {
    bin.shift();
    simulator.hubspot.restoreAsUser("contacts", oldest);
    count(world, "restored");
    return;
  }
  const found = simulator.hubspot.find("contacts", oneOf(random, people.emails));
  if (!found || found.archived) return;
  simulator.hubspot.archiveAsUser("contacts", found.id);
  bin.push(found.id);
  count(world, "deleted");
}

/** What an agent asks for. */
export async function ask(world: SoakWorld): Promise<void> {
  const { random, fleet, people } = world;
  const server = fleet.any();
  if (server === null) return;
  const email = oneOf(random, people.emails);
  const asks: Readonly<Record<string, () => Promise<unknown>>> = {
    sync: () => runJob(fleet, "/api/sync/hubspot", {}),
    sync_some: () => runJob(fleet, "/api/sync/hubspot", { object: "contacts", emails: [email] }),
    preview: () => runJob(fleet, "/api/sync/hubspot", { dry_run: true }),
    enrich: () => runJob(fleet, "/api/enrich", {}),
    story: () => server.get(`/api/contacts/${encodeURIComponent(email)}`),
    health: () => server.get("/api/health"),
    resolve: () => resolveOne(world),
  };
  const what = oneOf(random, Object.keys(asks));
  count(world, `asked_${what}`);
  await asks[what]?.();
}

interface ConflictSeen {
  readonly conflict_id: number;
  readonly version: number;
}

async function resolveOne(world: SoakWorld): Promise<void> {
  const server = world.fleet.any();
  if (server === null) return;
  const { conflicts } = await server.get<{ conflicts: ConflictSeen[] }>("/api/conflicts?limit=20");
  if (conflicts.length === 0) return;
  const { conflict_id, version } = oneOf(world.random, conflicts);
  const resolution = oneOf(world.random, ["keep_local", "keep_hubspot"]);
  await server.post(`/api/conflicts/${conflict_id}/resolve`, { version, resolution });
  count(world, "conflicts_resolved");
}
