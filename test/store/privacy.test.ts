/** After an erasure nothing in the database names the person, and everybody else is as before. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, NOW } from "./builders.ts";
import { maps } from "./capture-rig.ts";
import { type ForeignProgram, foreignProgram } from "./foreign.ts";
import { insertPerson, type Person, spread } from "./spread-person.ts";

const ADA: Person = {
  email: "ada@lovelace.example",
  earlier: "ada@byron.example",
  firstName: "Adeline",
  lastName: "Lovelace",
  phone: "+441815550100",
  linkedin: "https://www.linkedin.com/in/adelinelovelace",
  hubspotId: "901",
};
/** Her names are parts of each other's, so that careless matching would hurt her. */
const OTHER: Person = {
  email: "the.ada@lovelace.example",
  earlier: "the.ada@byron.example",
  firstName: "Adelinea",
  lastName: "Lovelaces",
  phone: "+4418155501009",
  linkedin: "https://www.linkedin.com/in/adelinelovelace2",
  hubspotId: "9010",
};

describeEachEngine("erasing a person", (_open, { empty, openAt }) => {
  async function rig() {
    const url = await empty();
    const store = await openAt(url);
    await store.changes.capture(maps);
    const other = await foreignProgram(url);
    const ada = await insertPerson(store, ADA);
    await spread(store, other, ada);
    return { store, other, ada };
  }

  test.each([
    ["local id", (id: number) => ({ contactIds: [id], emails: [], hubspotIds: [] })],
    ["address", () => ({ contactIds: [], emails: [ADA.email], hubspotIds: [] })],
    ["HubSpot id", () => ({ contactIds: [], emails: [], hubspotIds: [ADA.hubspotId] })],
  ])("known by %s leaves no text that names them", async (_how, known) => {
    const { store, other, ada } = await rig();
    expect(naming(await everything(other), ADA).length).toBeGreaterThan(20);

    await store.transaction((within) => within.privacy.erase(known(ada.id), LATER));

    expect(naming(await everything(other), ADA)).toEqual([]);
  });

  test("leaves every row of another person as it was", async () => {
    const { store, other, ada } = await rig();
    const marks = new Map((await everything(other)).map((row) => [row.at, row.text]));
    const her = await insertPerson(store, OTHER);
    await spread(store, other, her);
    const before = (await everything(other)).filter((row) => marks.get(row.at) !== row.text);
    expect(before.length).toBeGreaterThan(10);

    await store.privacy.erase({ contactIds: [ada.id], emails: [], hubspotIds: [] }, LATER);

    const after = new Map((await everything(other)).map((row) => [row.at, row.text]));
    expect(before.filter((row) => after.get(row.at) !== row.text)).toEqual([]);
  });

  test("keeps what happened, without what it was about", async () => {
    const { store, other, ada } = await rig();
    const kept = ["sync_log", "import_rejects", "jobs", "webhook_events", "plans"];
    const counts = kept.map((table) => `(select count(*) from ${table}) as ${table}`).join();
    const before = await other.rows(`select ${counts}`);

    await store.privacy.erase({ contactIds: [ada.id], emails: [], hubspotIds: [] }, LATER);

    expect(await other.rows(`select ${counts}`)).toEqual(before);
    const [logged] = await store.syncLog.forRecord("contacts", ada.id, 9);
    expect(logged).toMatchObject({
      action: "update",
      outcome: "failed",
      hubspot_id: ADA.hubspotId,
      fields: [
        { field: "email", before: null, after: null, rule: "r" },
        { field: "phone", before: null, after: null, rule: "r" },
      ],
      error: expect.stringContaining("erased"),
    });
    expect(await store.inbox.any()).toBe(false);
    expect(await store.links.byHubspotIds("contacts", [ADA.hubspotId])).toEqual([]);
    expect(await store.queue.depth(LATER)).toMatchObject({ due: 0, waiting: 0 });
    expect(await store.remoteQueue.depth(LATER)).toEqual({ due: 0, waiting: 0 });
    expect(await store.jobs.get("job_1")).toMatchObject({ args: { emails: ["[erased]"] } });
  });

  test("ends what was announced of them, because nobody looks at them again", async () => {
    const { store, ada } = await rig();
    const announced = {
      run_id: "run",
      object: "contacts" as const,
      local_id: ada.id,
      hubspot_id: null,
      action: "update" as const,
      outcome: "intent" as const,
      fields: [],
      marker: null,
      error: null,
      created_at: NOW,
      finished_at: null,
    };
    await store.syncLog.add([announced, { ...announced, action: "note", marker: "m-erased" }]);

    await store.transaction((within) =>
      within.privacy.erase({ contactIds: [ada.id], emails: [], hubspotIds: [] }, LATER),
    );

    const rows = await store.syncLog.forRecord("contacts", ada.id, 100);
    expect(rows.map(({ outcome }) => outcome)).not.toContain("intent");
  });

  test("of nobody, or of somebody unknown, changes nothing", async () => {
    const { store, other } = await rig();
    const before = await everything(other);

    await store.privacy.erase({ contactIds: [], emails: [], hubspotIds: [] }, LATER);
    await store.privacy.erase(
      { contactIds: [999], emails: ["nobody@example.com"], hubspotIds: ["123"] },
      LATER,
    );

    expect(await everything(other)).toEqual(before);
  });

  test("empties thousands of rows of the log, and can be done for many people at once", async () => {
    const { store, other, ada } = await rig();
    const row = {
      run_id: "run_2",
      object: "contacts",
      local_id: ada.id,
      hubspot_id: null,
      action: "pull",
      outcome: "done",
      fields: [{ field: "phone", before: null, after: ADA.phone, rule: "r" }],
      marker: null,
      error: null,
      created_at: NOW,
      finished_at: NOW,
    } as const;
    await store.syncLog.add(Array.from({ length: 1_201 }, () => row));
    const many = Array.from({ length: 150 }, (_, i) => `person${i}@example.com`);

    await store.privacy.erase({ contactIds: [ada.id], emails: many, hubspotIds: [] }, LATER);

    expect(naming(await everything(other), ADA)).toEqual([]);
  });

  test("rolls back whole with its transaction", async () => {
    const { store, other, ada } = await rig();
    const before = await everything(other);

    const failed = store.transaction(async (within: Store) => {
      await within.privacy.erase({ contactIds: [ada.id], emails: [], hubspotIds: [] }, LATER);
      throw new Error("The process stumbled.");
    });

    await expect(failed).rejects.toThrow("stumbled");
    expect(await everything(other)).toEqual(before);
  });
});

interface Cell {
  readonly at: string;
  readonly text: string;
}

const TABLES: Readonly<Record<string, string>> = {
  contacts: "id",
  customers: "id",
  companies: "id",
  enrichment_cache: "key",
  import_rejects: "id",
  jobs: "job_id",
  links: "local_id",
  field_state: "local_id",
  sync_queue: "local_id",
  hubspot_queue: "hubspot_id",
  sync_log: "id",
  conflicts: "id",
  change_log: "id",
  plans: "plan_id",
  plan_records: "local_id",
  webhook_events: "id",
  reconciliation_reports: "id",
  cursors: "name",
  tombstones: "hubspot_id",
  leases: "name",
};

/** Every cell of every table, by where it stands. */
async function everything(other: ForeignProgram): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const [table, key] of Object.entries(TABLES)) {
    for (const row of await other.rows(`select * from ${table} order by ${key}`)) {
      for (const [column, value] of Object.entries(row)) {
        if (value !== null)
          cells.push({ at: `${table} ${row[key]} ${column}`, text: String(value) });
      }
    }
  }
  return cells;
}

function naming(cells: readonly Cell[], person: Person): readonly string[] {
  const { hubspotId: _, ...names } = person;
  const words = Object.values(names).map(
    (word) => new RegExp(`(?<![\\w.])${literal(word)}(?!\\w)`, "iu"),
  );
  return cells.filter(({ text }) => words.some((word) => word.test(text))).map(({ at }) => at);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}
