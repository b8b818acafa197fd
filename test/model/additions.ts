/** New records, with some of their fields filled at once; and JSON columns that another program breaks. */
import type { Command } from "./commands.ts";
import { editLocal, note, pick } from "./edits.ts";
import { heldBy, type ModelRecord, rowOf, rulesOf, trackOf, type World } from "./world.ts";

export async function add(world: World, command: Extract<Command, { kind: "add" }>): Promise<void> {
  const { object, values, known } = command;
  const many = world.records.filter((other) => other.object === object).length;
  if (many >= 3) return;
  const key = object === "contacts" ? `p${many + 1}` : `B-${many + 1}`;
  const record =
    object === "contacts" ? await addContact(world, key, known) : addCustomer(world, key, known);
  world.records.push(record);
  world.story.push(`add ${object} ${key}${known ? ", known to HubSpot" : ""}`);
  for (const [index, rule] of rulesOf(object).entries()) {
    note(world, { record, rule }, "local", undefined);
    note(world, { record, rule }, "hubspot", undefined);
    const value = values[index];
    // Some fields are filled at once.
    if (value !== undefined && value % 2 === 0 && rule.field !== "email")
      editLocal(world, record, rule, value / 2);
  }
}

async function addContact(world: World, key: string, known: boolean): Promise<ModelRecord> {
  const { simulator } = world.rig;
  const email = `${key}@acme.com`;
  if (known) simulator.hubspot.seedContacts([{ email, firstname: "Dan", jobtitle: "Eve" }]);
  const id = await world.rig.contact(email, { domain: "acme.com" });
  return { object: "contacts", key, id };
}

function addCustomer(world: World, key: string, known: boolean): ModelRecord {
  const { sql, rig } = world;
  const [company] = known
    ? rig.simulator.hubspot.seedCompanies([{ name: "Dyn", phone: "+4930901822", state: "HH" }])
    : [];
  const ids = company === undefined ? null : JSON.stringify({ company_id: company });
  const { lastInsertRowid } = sql
    .prepare("insert into customers (ban, company_name, external_ids) values (?, 'Acme', ?)")
    .run(key, ids);
  return { object: "customers", key, id: Number(lastInsertRowid) };
}

export function breakColumn(
  world: World,
  { record: index, column: which }: { record: number; column: number },
): void {
  const customers = world.records.filter(({ object }) => object === "customers");
  const record = pick(customers, index);
  if (!record) return;
  const column = pick(["contact", "address"], which) ?? "";
  const place = `${record.object} ${record.id} ${column}`;
  const mend = world.broken.get(place);
  world.story.push(`${mend ? "mend" : "break"} ${place}`);
  if (mend) {
    mend();
    return;
  }
  world.everBroken.add(record);
  const text = rowOf(world, record)[column];
  const write = world.sql.prepare(`update ${record.object} set ${column} = ? where id = ?`);
  world.broken.set(place, () => {
    world.broken.delete(place);
    write.run(text, record.id);
    // Whoever mends it writes its values anew; an entry that is empty is as it was.
    for (const [rule, { local }] of heldBy(world, record)) {
      if (rule.path[0] === column && local !== null)
        trackOf(world, record, rule).since.local = Date.now();
    }
  });
  write.run("n/a", record.id);
}
