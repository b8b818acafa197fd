import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { ImportBatch } from "../../mcp-server/src/core/import-row.ts";
import { createHubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import type { CrmFilter } from "../../mcp-server/src/ports/crm.ts";
import { createHubspotSource } from "../../mcp-server/src/sources/hubspot.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";

const FIELD_MAP = new URL("../../data/field-map.json", import.meta.url);

async function rig() {
  const clock = fakeClock("2026-11-21T12:00:00.000Z");
  const simulator = await startSimulator({
    now: clock.now,
    hubspot: { settings: { searchLagMs: 0 } },
  });
  onTestFinished(() => simulator.close());
  const crm = createHubspotCrm({
    baseUrl: simulator.hubspotUrl,
    accessToken: simulator.hubspotToken,
    burstLimit: 100,
    clock,
    log: keptLog(),
    random: () => 0,
  });
  const { contacts: map } = parseFieldMap(readFileSync(FIELD_MAP, "utf8"), "field-map.json");
  const open = createHubspotSource({ crm, map });
  const read = async (filters: readonly CrmFilter[] = [], checkpoint: string | null = null) => {
    const signal = AbortSignal.timeout(20_000);
    const source = await open({ source: "hubspot", filters }, { checkpoint, signal });
    const batches: ImportBatch[] = [];
    for await (const batch of source.batches()) batches.push(batch);
    return {
      description: source.description,
      batches,
      rows: batches.flatMap((batch) => batch.rows),
    };
  };
  return { simulator, hubspot: simulator.hubspot, read };
}

test("reads contacts as the field map says, each with the record it came from", async () => {
  const { hubspot, read } = await rig();
  const [id] = hubspot.seedContacts([
    {
      email: "ada@acme.com",
      firstname: "Ada",
      jobtitle: "CTO",
      country: "Germany",
      phone: "030 1234567",
    },
  ]);

  const { rows, description } = await read();

  expect(rows).toMatchObject([
    {
      kind: "record",
      row: 1,
      duplicate: false,
      fields: {
        email: "ada@acme.com",
        first_name: "Ada",
        job_title: "CTO",
        country: "DE",
        phone: "+49301234567",
      },
      remote: {
        hubspot_id: id,
        properties: { firstname: "Ada", country: "Germany", lastname: null },
      },
    },
  ]);
  expect(description.mapped).toMatchObject({ firstname: "first_name", jobtitle: "job_title" });
  expect(description.unknown).toEqual([]);
});

test("does not read back what only flows to HubSpot", async () => {
  const { hubspot, read } = await rig();
  hubspot.seedContacts([{ email: "ada@acme.com" }]);

  const { description } = await read();

  expect(description.mapped).toMatchObject({
    sync_engagement_state: "ignore",
    sync_quality_score: "ignore",
  });
});

test("rejects contacts without an e-mail, naming their record", async () => {
  const { hubspot, read } = await rig();
  const [id] = hubspot.seedContacts([{ firstname: "Ada" }]);

  const { rows } = await read();

  expect(rows).toMatchObject([
    {
      kind: "rejected",
      raw: { hs_object_id: id, firstname: "Ada" },
      rejection: { code: "NO_EMAIL" },
    },
  ]);
});

test("reads only those that match", async () => {
  const { hubspot, read } = await rig();
  hubspot.seedContacts([
    { email: "ada@acme.com", city: "Rome" },
    { email: "bob@acme.com", city: "Oslo" },
  ]);

  const { rows, batches } = await read([{ property: "city", operator: "EQ", value: "Rome" }]);

  expect(rows).toMatchObject([{ fields: { email: "ada@acme.com" } }]);
  expect(batches[0]?.total).toBe(1);
});

describe.each([
  ["a list", []],
  ["a search", [{ property: "city", operator: "EQ", value: "Rome" }]],
] as const)("resuming %s", (_, filters) => {
  async function withMany() {
    const made = await rig();
    made.hubspot.seedContacts(
      Array.from({ length: 450 }, (__, n) => ({ email: `p${n}@acme.com`, city: "Rome" })),
    );
    return made;
  }

  test("goes on after the last page that was consumed", async () => {
    const { read } = await withMany();
    const whole = await read(filters);

    const rest = await read(filters, whole.batches[0]?.checkpoint ?? null);

    expect(whole.rows).toHaveLength(450);
    expect(rest.description.resumed).toBe(true);
    expect(rest.rows).toEqual(whole.rows.slice(whole.batches[0]?.rows.length));
  });

  test("has nothing to do after the last page", async () => {
    const { read } = await withMany();
    const whole = await read(filters);

    const rest = await read(filters, whole.batches.at(-1)?.checkpoint ?? null);

    expect(rest.rows).toEqual([]);
  });
});
