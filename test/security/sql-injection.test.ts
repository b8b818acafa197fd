/** Hostile text in every argument that reaches a query: it is compared as text, and the tables stay as they were. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { Tool } from "../../mcp-server/src/tools/tool.ts";
import { openServices, type Services } from "../doors/stack.ts";
import { type ForeignProgram, foreignProgram } from "../store/foreign.ts";
import { mapsOf } from "../store/maps.ts";
import { newContactAt } from "../support/build.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertContact } from "../support/stored-contacts.ts";
import { silent } from "../tools/calls.ts";
import { calls, payloads } from "./hostile-text.ts";

const NAMES = ["Ada Lovelace", "Grace Hopper", "O'Brien", "100% _Real_", 'Quote "Q" Back\\slash'];

describeEachEngine("hostile text", (_, { empty, openAt, engine }) => {
  let services: Services;
  let store: Store;
  let url: string;
  beforeEach(async () => {
    url = await empty();
    store = await openAt(url);
    services = await openServices({ store });
    for (const [n, name] of NAMES.entries()) {
      const [first = "", last = ""] = [name, `Number ${n}`];
      await insertContact(
        store,
        newContactAt("2026-11-01T00:00:00.000Z", {
          email: `p${n}@acme.com`,
          first_name: first,
          last_name: last,
          company: name,
          domain: "acme.com",
          job_title: name,
        }),
      );
    }
  });
  afterEach(() => services.close());

  test("in any argument finds only what holds it, is refused in our words, and changes nothing", async () => {
    const other = await foreignProgram(url);
    const before = await tables(other, engine === "postgres");

    const found: unknown[] = [];
    for (const text of payloads) {
      for (const [name, args] of calls) {
        const outcome = await answered(toolNamed(services, name), args(text), text);
        if (outcome !== null) found.push({ name, args: args(text), outcome });
      }
    }

    expect(found).toEqual([]);
    // Asking for work is work: its jobs are remembered.
    const others = (rows: readonly string[]) => rows.filter((row) => !row.startsWith("jobs:"));
    expect(others(await tables(other, engine === "postgres"))).toEqual(others(before));
  }, 180_000);

  test("is found where it stands, and only there", async () => {
    const search = async (text: string): Promise<readonly string[]> => {
      const { items } = await store.contacts.query({ filter: {}, search: text, limit: 100 });
      return items.map(({ first_name }) => first_name ?? "");
    };

    expect(await search("o'brien")).toEqual(["O'Brien"]);
    expect(await search("100%")).toEqual(["100% _Real_"]);
    expect(await search("_real_")).toEqual(["100% _Real_"]);
    expect(await search("%")).toEqual(["100% _Real_"]);
    expect(await search("\\")).toEqual(['Quote "Q" Back\\slash']);
    expect(await search('"q"')).toEqual(['Quote "Q" Back\\slash']);
    expect(await search("_")).toEqual(["100% _Real_"]);
    const byCompany = await store.contacts.query({ filter: { company: "O'BRIEN" }, limit: 9 });
    expect(byCompany.total).toBe(1);
  });

  test("as a value is stored and given back as it came", async () => {
    for (const [n, text] of payloads.entries()) {
      if (/[\0\uD800]/.test(text)) continue;
      const email = `value${n}@acme.com`;
      await insertContact(
        store,
        newContactAt("2026-11-02T00:00:00.000Z", { email, city: text, custom: { [text]: text } }),
      );
      const { items } = await store.contacts.query({ filter: {}, search: email, limit: 1 });

      expect(items[0]).toMatchObject({ city: text, custom: { [text]: text } });
    }
  });

  test("as a name of a field or a JSON key of the field map stays a name, in triggers too", async () => {
    const keys = payloads.filter((text) => !/[\0\uD800]/.test(text));
    await store.changes.capture(
      mapsOf({ contacts: keys.map((key) => ({ path: ["custom", key], field: `${key} field` })) }),
    );
    const other = await foreignProgram(url);
    const id = await insertContact(
      store,
      newContactAt("2026-11-03T00:00:00.000Z", { email: "keys@acme.com" }),
    );
    const before = await tables(other, engine === "postgres");

    const custom = JSON.stringify(Object.fromEntries(keys.map((key) => [key, "new"])));
    await other.run(
      `update contacts set custom = '${custom.replaceAll("'", "''")}' where id = ${id}`,
    );

    const changes = await store.changes.latest("contacts", [id]);
    expect(changes.map(({ field }) => field).sort()).toEqual(
      keys.map((key) => `${key} field`).sort(),
    );
    const written = /^(contacts|change_log|sync_queue|crm_sync_log):/;
    const others = (rows: readonly string[]) => rows.filter((row) => !written.test(row));
    expect(others(await tables(other, engine === "postgres"))).toEqual(others(before));
  });

  test("as what HubSpot says finds no record", async () => {
    for (const text of payloads) {
      const ids = [text];
      const attempts = [
        () => store.links.byHubspotIds("contacts", ids),
        () => store.contacts.findByEmails(ids),
        () => store.companies.findByDomains(ids),
        () => store.customers.findByBans(ids),
        () => store.syncLog.byMarkers(ids),
      ];
      for (const attempt of attempts) {
        const rows = await attempt().catch((error: unknown) => ours(error));
        expect([...rows]).toEqual([]);
      }
    }
  });
});

/** null when the call found nothing but what holds the very text, or was refused in our words; otherwise what it did. */
async function answered(tool: Tool, args: Record<string, unknown>, text: string): Promise<unknown> {
  try {
    const output = await tool.run(args, silent);
    const { total, status, counts, contacts } = output;
    if (Array.isArray(contacts) && contacts.every((row) => holds(row, text))) return null;
    if (total === 0 || (status === "completed" && total === undefined)) return null;
    if (JSON.stringify(counts)?.includes('"resolved":0')) return null;
    return output;
  } catch (error) {
    ours(error);
    return null;
  }
}

function holds(row: object, text: string): boolean {
  return Object.values(row).some((value) => String(value).includes(text));
}

/** Nothing, when the error is one of ours and speaks no SQL. */
function ours(error: unknown): readonly never[] {
  if (!(error instanceof AppError) || error.kind === "bug") throw error;
  expect(error.message).not.toMatch(
    /syntax error|sqlite_|no such (table|column)|near "|does not exist|unterminated/i,
  );
  return [];
}

function toolNamed(services: Services, name: string): Tool {
  const tool = services.tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool;
}

/** Every table with its number of rows and what its rows add up to, in text. */
async function tables(other: ForeignProgram, isPostgres: boolean): Promise<readonly string[]> {
  const named = await other.rows(
    isPostgres
      ? "select table_name as name from information_schema.tables where table_schema = current_schema()"
      : "select name from sqlite_master where type = 'table' and name not like 'sqlite%'",
  );
  const names = named.map(({ name }) => String(name)).sort();
  const found: string[] = [];
  for (const name of names)
    found.push(`${name}: ${JSON.stringify(await other.rows(`select * from ${name} order by 1`))}`);
  return found;
}
