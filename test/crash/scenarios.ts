/** The work that processes die in: small, and with something of everything in it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Notification } from "../support/webhook-sender.ts";
import { createContact } from "../support/webhook-world.ts";
import type { Call, Scenario, World } from "./scenario.ts";

const PEOPLE_FILE = "people.csv";
const MANY_FILE = "many.csv";
const CUSTOMERS_FILE = "customers.csv";

/** More than one batch of the reader, with rejects, a repeated row and a row that adds to an earlier one. */
async function writeMany({ folder }: World): Promise<void> {
  const rows = Array.from({ length: 1_100 }, (_, n) => {
    if (n % 100 === 13) return `no-address-${n},Pat,${n},,`;
    if (n % 100 === 57) return `person-${n - 1}@firm-${n % 40}.com,Pat,${n},,`;
    return `person-${n}@firm-${n % 40}.com,Pat,${n},Clerk,+4930${100_000 + n}`;
  });
  await writeFile(join(folder, MANY_FILE), [HEADER, ...rows].join("\n"));
}

const HEADER = "Email,First Name,Last Name,Job Title,Phone";

/** A few people of a few companies, one of them without a company of her own. */
async function writeFew({ folder }: World): Promise<void> {
  const rows = people.map(
    ({ email, first, last }) => `${email},${first},${last},VP Engineering,+4930123456`,
  );
  await writeFile(join(folder, PEOPLE_FILE), [HEADER, ...rows].join("\n"));
  const customers = [1, 2, 3, 4].map(
    (n) => `B-${n},Firm ${n},ada@firm-${n}.com,ACTIVE,${n}.50,Main St ${n},Berlin,Firm ${n} Ltd`,
  );
  const header = "BAN,Company Name,Contact Email,Status,Current Balance,Street,City,Legal Name";
  await writeFile(join(folder, CUSTOMERS_FILE), [header, ...customers].join("\n"));
}

const people = [
  { email: "ada@acme-robotics.com", first: "Ada", last: "Lovelace" },
  { email: "grace@acme-robotics.com", first: "Grace", last: "Hopper" },
  { email: "alan@enigma-systems.com", first: "Alan", last: "Turing" },
  { email: "edsger@shortest-path.com", first: "Edsger", last: "Dijkstra" },
  { email: "barbara@gmail.com", first: "Barbara", last: "Liskov" },
] as const;

const importPeople: Call = {
  kind: "import",
  path: "/api/import/csv",
  body: { path: PEOPLE_FILE },
};
const importMany: Call = {
  kind: "import",
  path: "/api/import/csv",
  body: { path: MANY_FILE },
};
const importCustomers: Call = {
  kind: "import",
  path: "/api/import/csv",
  body: { path: CUSTOMERS_FILE, object: "customers" },
};
const enrich: Call = { kind: "enrich", path: "/api/enrich", body: {} };
const syncAll: Call = { kind: "sync", path: "/api/sync/hubspot", body: {} };
const reconcile: Call = {
  kind: "sync",
  path: "/api/sync/hubspot",
  body: { mode: "reconcile" },
};

/** HubSpot knows one of the people, says something else of her, and has a company and a customer that fit. */
function seedKnown({ simulator: { hubspot } }: World): void {
  const [company = ""] = hubspot.seedCompanies([
    { name: "Enigma", domain: "enigma-systems.com" },
    { name: "Somebody else", domain: "else.com" },
  ]);
  const [grace = ""] = hubspot.seedContacts([
    { email: "grace@acme-robotics.com", firstname: "Grace", jobtitle: "Admiral", city: "New York" },
    { email: "alan@enigma-systems.com", firstname: "Alan M.", lastname: "Turing" },
    { email: "unknown@else.com", firstname: "Nobody" },
  ]);
  if (grace === "" || company === "") throw new Error("HubSpot took nothing.");
}

const onWay =
  "select count(*) as n from contacts where status in ('imported', 'enriching', 'enriched', 'syncing')";

/** Nothing there yet: the first start, and a file of many rows. */
export const importing: Scenario = { name: "import", files: writeMany, ask: importMany };

export const enriching: Scenario = {
  name: "enrich",
  files: writeFew,
  before: [importPeople],
  ask: enrich,
};

/** Contacts with companies, associations, notes and a conflict, and customers: everything that a first sync writes. */
export const syncing: Scenario = {
  name: "sync",
  files: writeFew,
  seed: seedKnown,
  before: [importPeople, importCustomers, enrich],
  ask: syncAll,
};

/** One call, and each step wakes the next. */
export const chain: Scenario = {
  name: "chain",
  files: writeFew,
  seed: seedKnown,
  settings: { AUTO_ENRICH_ON_IMPORT: "true", AUTO_SYNC_AFTER_ENRICH: "true" },
  ask: importPeople,
  unsettled: onWay,
};

const everythingSynced: readonly Call[] = [importPeople, importCustomers, enrich, syncAll];

/** People edit, add, merge, delete and erase in HubSpot while another program edits here. */
export const hearing: Scenario = {
  name: "webhook",
  files: writeFew,
  seed: seedKnown,
  settings: { AUTO_SYNC_AFTER_ENRICH: "true" },
  before: everythingSynced,
  act: (world) => {
    listen(world);
    const { hubspot } = world.simulator;
    hubspot.editAsUser("contacts", "ada@acme-robotics.com", {
      city: "London",
      firstname: "Ada B.",
    });
    hubspot.editAsUser("companies", "warp_ban=B-1", { warp_tier: "PREMIUM", phone: "+4930111111" });
    editHere(world, "update contacts set city = 'Here' where email = 'edsger@shortest-path.com'");
    editHere(world, "update customers set current_balance = 99 where ban = 'B-2'");
    hubspot.archiveAsUser("contacts", "barbara@gmail.com");
    hubspot.eraseAsUser("contacts", "alan@enigma-systems.com");
    hubspot.mergeAsUser(
      "companies",
      companyOf(world, "else.com"),
      companyOf(world, "shortest-path.com"),
    );
    return [...told(world), ...createContact(world, "newcomer@gmail.com", 1)];
  },
};

/** Both sides have drifted apart, and nobody has said so. */
export const reconciling: Scenario = {
  name: "reconcile",
  files: writeFew,
  seed: seedKnown,
  before: everythingSynced,
  act: (world) => {
    const { hubspot } = world.simulator;
    hubspot.editAsUser("contacts", "ada@acme-robotics.com", { city: "London" });
    hubspot.editAsUser("contacts", "edsger@shortest-path.com", { jobtitle: "Professor" });
    hubspot.editAsUser("companies", "warp_ban=B-1", { warp_tier: "PREMIUM" });
    editHere(world, "update contacts set city = 'Here' where email = 'grace@acme-robotics.com'");
    editHere(world, "update contacts set job_title = 'Dean' where email like 'edsger%'");
    editHere(world, "update customers set current_balance = 99 where ban = 'B-2'");
    hubspot.archiveAsUser("contacts", "barbara@gmail.com");
    return [];
  },
  ask: reconcile,
};

export const scenarios: readonly Scenario[] = [
  importing,
  enriching,
  syncing,
  chain,
  hearing,
  reconciling,
];

function companyOf({ simulator: { hubspot } }: World, domain: string): string {
  return (
    hubspot.all("companies").find(({ properties }) => properties["domain"] === domain)?.id ?? ""
  );
}

function listen({ simulator: { hubspot } }: World): void {
  hubspot.webhooks.subscribe({ targetUrl: "http://127.0.0.1:9/webhooks/hubspot" });
}

/** What HubSpot has to tell: brought by the test, which sees what is answered. */
function told({ simulator: { hubspot } }: World): readonly Notification[] {
  const waiting = hubspot.webhooks.pending() as readonly Notification[];
  hubspot.webhooks.unsubscribe();
  hubspot.webhooks.clear();
  return waiting;
}

/** Another program's edit, as if it was made a while ago: it need not gather any more. */
function editHere({ file }: World, statement: string): void {
  const database = new Database(file, { timeout: 10_000 });
  database.exec(statement);
  database.exec("update sync_queue set due_at = '2000-01-01T00:00:00.000Z'");
  database.close();
}
