/** What people do in HubSpot to records as wholes, and on either side to contacts' companies. */
import type { RecordView } from "../../mcp-server/simulator/hubspot/look-up.ts";
import type { Association, Life } from "./inbound-commands.ts";
import { known, localsOf, pick } from "./inbound-edits.ts";
import {
  collect,
  companyKey,
  give,
  type InboundWorld,
  keyOf,
  keysOf,
  linkOf,
  note,
  pendingOf,
  recordsIn,
  typeOf,
} from "./inbound-world.ts";
import { type ModelRecord, rulesOf } from "./world.ts";

/** Merges, archives, restores or erases. */
export function changeLife(world: InboundWorld, command: Life): void {
  const views = known(world, command.object);
  const view = pick(views, command.record);
  if (command.what === "restore") restore(world, command);
  else if (!view) return;
  else if (command.what === "merge") merge(world, command, { view, views });
  else if (command.what === "archive") end(world, command, view);
  else if (command.object === "contacts") end(world, command, view);
  collect(world);
}

/** HubSpot's values of records that are no more travel nowhere. */
function end(world: InboundWorld, { object, what }: Life, view: RecordView): void {
  const { hubspot } = world.rig.simulator;
  const keys = keysOf(object, view);
  const ours = localsOf(world, object, view.id);
  const linked = ours.filter((record) => linkOf(world, record) !== null);
  for (const record of ours) dropHubspot(world, record);
  for (const record of linked) world.deleted.add(keyOf(record));
  // A record that was looked at is known under all of its addresses.
  const seen = linked.filter((record) => linkOf(world, record) === view.id);
  if (seen.length > 0) for (const key of keys) world.deleted.add(key);
  give(world, keys);
  world.story.push(`${what} ${keys.join("+")} = ${view.id}`);
  if (what === "erase") {
    // Its notification names an id: nobody can be sure whom it means here unless that very id is linked.
    const sure = seen.map(({ key }) => key);
    const perhaps = keys.map((key) => key.split(" ")[1] ?? "");
    world.erased.set(view.id, { sure, perhaps });
    hubspot.eraseAsUser(typeOf(object), view.id);
    return;
  }
  hubspot.archiveAsUser(typeOf(object), view.id);
  world.binned.push({ object, id: view.id });
}

function dropHubspot(world: InboundWorld, record: ModelRecord): void {
  for (const rule of rulesOf(record.object)) delete pendingOf(world, record, rule).hubspot;
}

function restore(world: InboundWorld, { record }: Life): void {
  const { hubspot } = world.rig.simulator;
  const binned = pick(world.binned, record);
  if (!binned) return;
  try {
    hubspot.restoreAsUser(typeOf(binned.object), binned.id);
  } catch {
    return;
  }
  world.binned.splice(world.binned.indexOf(binned), 1);
  const view = hubspot.find(typeOf(binned.object), binned.id);
  const keys = view ? keysOf(binned.object, view) : [];
  for (const key of keys) world.deleted.delete(key);
  for (const one of localsOf(world, binned.object, binned.id)) {
    world.deleted.delete(keyOf(one));
    noteHubspot(world, one);
  }
  give(world, keys, 2);
  world.story.push(`restore ${keys.join("+")} = ${binned.id}`);
}

function noteHubspot(world: InboundWorld, record: ModelRecord): void {
  for (const rule of rulesOf(record.object)) note(world, { record, rule }, "hubspot", undefined);
}

interface Choice {
  readonly view: RecordView;
  readonly views: readonly RecordView[];
}

/** What the survivor holds is what people gave the ones that it stands for. */
function merge(world: InboundWorld, { object, other }: Life, { view, views }: Choice): void {
  const { hubspot } = world.rig.simulator;
  const second = pick(
    views.filter((one) => one.id !== view.id),
    other,
  );
  if (!second) return;
  const ours = [...localsOf(world, object, view.id), ...localsOf(world, object, second.id)];
  const keys = [...keysOf(object, view), ...keysOf(object, second)];
  const isTwo = ours.filter((record) => linkOf(world, record) !== null).length > 1;
  const id = hubspot.mergeAsUser(typeOf(object), view.id, second.id);
  // A merged company answers to one account number only; what people made one is not made two again.
  if (object === "customers" && isTwo)
    for (const key of keysOf(object, second)) world.deleted.add(key);
  for (const record of ours) dropHubspot(world, record);
  for (const record of localsOf(world, object, id)) noteHubspot(world, record);
  const sum = keys.reduce((all, key) => all + (world.given.get(key) ?? 0), 2);
  for (const key of keys) world.given.set(key, sum);
  const written = keys.reduce((all, key) => all + (world.written.get(key) ?? 0), 0);
  for (const key of keys) world.written.set(key, written);
  world.story.push(`merge ${keys.join(" and ")}: ${view.id} + ${second.id} = ${id}`);
}

/** Companies that contacts may belong to, by domain; made by people where HubSpot has none yet. */
const domains = ["acme.com", "bolt-works.com", "cog-works.com"];

export function associate(world: InboundWorld, command: Association): void {
  const domain = pick(domains, command.company) ?? "";
  if (command.side === "local") moveDomain(world, command, domain);
  else associateThere(world, command, domain);
  collect(world);
}

function moveDomain(world: InboundWorld, { record: index, how }: Association, domain: string) {
  const record = pick(recordsIn(world, "contacts"), index);
  if (!record) return;
  const value = how === "part" ? null : domain;
  // As an import does it: the contact is due afterwards.
  world.sql
    .prepare("update contacts set domain = ?, status = 'enriched' where id = ?")
    .run(value, record.id);
  give(world, [keyOf(record)]);
  world.story.push(`local ${keyOf(record)} domain = ${value}`);
}

function associateThere(world: InboundWorld, { record, how }: Association, domain: string): void {
  const { hubspot } = world.rig.simulator;
  const view = pick(known(world, "contacts"), record);
  const companies = hubspot.all("companies").filter(({ properties }) => properties["domain"]);
  const present = companies.find(({ properties }) => properties["domain"] === domain);
  if (how === "gone" || how === "merged") {
    endCompany(world, how, { present, companies });
    return;
  }
  if (!view) return;
  const company = present?.id ?? hubspot.seed("companies", [{ domain, name: domain }])[0] ?? "";
  world.deleted.delete(`companies ${domain}`);
  const ends = [
    ["contacts", view.id],
    ["companies", company],
  ] as const;
  try {
    if (how === "part") hubspot.dissociateAsUser(...ends);
    else hubspot.associateAsUser(...ends, how === "primary" ? { primary: true } : {});
  } catch {
    return;
  }
  give(world, keysOf("contacts", view));
  world.story.push(`hubspot ${keysOf("contacts", view).join("+")} ${how} ${domain}`);
}

interface Companies {
  readonly present: RecordView | undefined;
  readonly companies: readonly RecordView[];
}

function endCompany(
  world: InboundWorld,
  how: "gone" | "merged",
  { present, companies }: Companies,
): void {
  const { hubspot } = world.rig.simulator;
  const other = companies.find(({ id }) => id !== present?.id);
  if (!present) return;
  if (how === "gone") {
    hubspot.archiveAsUser("companies", present.id);
    const link = "select local_id from links where object = 'companies' and hubspot_id = ?";
    if (world.sql.prepare(link).get(present.id)) world.deleted.add(companyKey(present));
  } else if (other) hubspot.mergeAsUser("companies", present.id, other.id);
  else return;
  const contacts = known(world, "contacts");
  for (const view of contacts) give(world, keysOf("contacts", view));
  world.story.push(`${how} ${present.properties["domain"]} = ${present.id}`);
}
