/** Every kind of write whose answer is lost: what it wrote is read back before anything is written again, and it is done once. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { intelligence } from "../support/sync-rig.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const FAULTS = [
  "timeout-after-commit",
  "reset-after-commit",
  "reset-before-commit",
  "drop-mid-body",
  "empty-2xx",
] as const;

const ADA = "ada@acme-robotics.com";
const ACME = { domain: "acme-robotics.com" } as const;

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

interface Write {
  readonly what: string;
  readonly path: RegExp;
  /** What reads back what it wrote. */
  readonly readBack: RegExp;
  /** What both sides are before the write. */
  readonly before: () => Promise<unknown>;
  readonly done: () => unknown;
}

const editAda = async (set: Parameters<SyncScene["contact"]>[1]): Promise<void> => {
  const { id } = await scene.one(ADA);
  await scene.store
    .by("import")
    .contacts.update([{ id, set: { ...set, status: "enriched" } }], scene.clock.iso());
};
const synced = async (fields: Parameters<SyncScene["contact"]>[1] = {}): Promise<void> => {
  await scene.contact(ADA, fields);
  await scene.sync();
};
const adasCompanies = () =>
  scene.simulator.hubspot
    .associations("contacts", ADA, "companies")
    .map(({ id }) => scene.simulator.hubspot.find("companies", id)?.properties["domain"]);
const of = (object: "contacts" | "companies" | "notes") => scene.simulator.hubspot.all(object);

const CONTACTS_READ = /contacts\/batch\/read$/;
const writes: readonly Write[] = [
  {
    what: "a new contact",
    path: /contacts\/batch\/upsert$/,
    readBack: CONTACTS_READ,
    before: () => scene.contact(ADA, { city: "Bonn" }),
    done: () =>
      expect(of("contacts").map(({ properties }) => properties["city"])).toEqual(["Bonn"]),
  },
  {
    what: "an edited contact",
    path: /contacts\/batch\/update$/,
    readBack: CONTACTS_READ,
    before: async () => {
      await synced();
      await editAda({ city: "Bonn" });
    },
    done: () => expect(scene.remote(ADA)).toMatchObject({ city: "Bonn" }),
  },
  {
    what: "a contact's company",
    path: /companies\/batch\/upsert$/,
    readBack: /companies\/(batch\/read|search)$/,
    before: () => scene.contact(ADA, ACME),
    done: () => expect(adasCompanies()).toEqual(["acme-robotics.com"]),
  },
  {
    what: "an association",
    path: /contacts\/companies\/batch\/create$/,
    readBack: CONTACTS_READ,
    before: () => scene.contact(ADA, ACME),
    done: () => expect(adasCompanies()).toEqual(["acme-robotics.com"]),
  },
  {
    what: "the end of an association",
    path: /contacts\/companies\/batch\/labels\/archive$/,
    readBack: /associations\/2026-09\/contacts\/companies\/batch\/read$/,
    before: async () => {
      await synced(ACME);
      await editAda({ domain: "globex.com" });
    },
    done: () => expect(adasCompanies()).toEqual(["globex.com"]),
  },
  {
    what: "a note",
    path: /notes\/batch\/create$/,
    readBack: /contacts\/notes\/batch\/read$/,
    before: () => scene.contact(ADA, { intelligence }),
    done: () => expect(of("notes")).toHaveLength(1),
  },
  {
    what: "a new customer",
    path: /companies\/batch\/upsert$/,
    readBack: /companies\/batch\/read$/,
    before: () => scene.customer({ ban: "B-1", company_name: "Acme" }),
    done: () => expect(of("companies")).toHaveLength(1),
  },
  {
    what: "an edited customer",
    path: /companies\/batch\/update$/,
    readBack: /companies\/batch\/read$/,
    before: async () => {
      const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
      await scene.sync();
      scene.sql("update customers set company_name = 'Acme Ltd'");
      await scene.look("customers", id);
    },
    done: () => expect(scene.company("B-1")).toMatchObject({ name: "Acme Ltd" }),
  },
  {
    what: "a group of properties",
    path: /^POST .*\/contacts\/groups$/,
    readBack: /^GET .*\/contacts\/groups$/,
    before: () => scene.contact(ADA),
    done: () => expect(of("contacts")).toHaveLength(1),
  },
  {
    what: "properties",
    path: /\/crm\/properties\/2026-09\/contacts\/batch\/create$/,
    readBack: /^GET .*\/crm\/properties\/2026-09\/contacts$/,
    before: () => scene.contact(ADA),
    done: () => expect(of("contacts")).toHaveLength(1),
  },
];

/** The fault's path, which the simulator compares with the end of a request's. */
const pathOf = ({ path }: Write): string =>
  path.source
    .replaceAll("\\/", "/")
    .replace(/^.*?\.\*/, "")
    .replace(/\$$/, "");

const cases = writes.flatMap((write) => FAULTS.map((name) => [write.what, name, write] as const));

test.each(cases)("%s (%s)", async (_what, name, write) => {
  await write.before();
  scene.simulator.faults.add({ service: "hubspot", name, path: pathOf(write), method: "POST" });
  scene.forget();

  const job = await scene.sync();

  expect(job).toMatchObject({ status: "completed", errors: [] });
  const seen = scene.simulator.requests.list({ service: "hubspot" });
  const lost = seen.findIndex(({ fault }) => fault !== null);
  const later = seen.slice(lost + 1).map(({ method, path }) => `${method} ${path}`);
  const isWrite = (line: string) => write.path.test(line);
  const isReadBack = (line: string) => write.readBack.test(line) && !isWrite(line);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(later.findIndex(isReadBack)).toBeGreaterThanOrEqual(0);
  const second = later.findIndex(isWrite);
  if (second >= 0) expect(later.findIndex(isReadBack)).toBeLessThan(second);
  write.done();
  expect([...scene.queued("contacts"), ...scene.queued("customers")]).toEqual([]);
  scene.forget();
  await scene.sync();
  expect(scene.writes()).toEqual([]);
});
