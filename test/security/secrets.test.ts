/** Everything the program writes while everything goes wrong, searched for the secrets it was given and the people it keeps. */
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { signatureHeaders } from "../../mcp-server/bench/webhook-edits.ts";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { sandbox, startServer } from "../support/child-server.ts";
import { describeEachEngine } from "../support/store.ts";
import { echoingUpstream } from "./echoing-upstream.ts";
import {
  importPeople,
  jobTitle,
  keys,
  leaks,
  lines,
  people,
  planted,
  start,
  told,
  type World,
} from "./planted-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 180_000 });

/** Requests that are refused at the doors. */
async function misuse({ call, url, folder }: World): Promise<void> {
  const wrong = { authorization: `Bearer ${keys.API_TOKEN}x` };
  await call("/api/contacts", undefined, wrong);
  await call("/api/contacts", undefined, { authorization: `Basic ${keys.API_TOKEN}` });
  await call("/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }, wrong);
  await call("/api/import/csv", { path: "/etc/passwd" });
  await call("/api/import/csv", { path: join(folder, "none.csv") });
  await call("/api/sync/hubspot", { object: keys.HUBSPOT_ACCESS_TOKEN.slice(0, 3) });
  await call("/api/jobs/unknown");
  await call("/api/contacts?cursor=eyJh");
  await call("/api/nowhere");
  await fetch(`${url}/api/enrich`, {
    method: "POST",
    body: "{",
    headers: { "content-type": "application/json", authorization: `Bearer ${keys.API_TOKEN}` },
  });
}

async function notify({ url, call }: World): Promise<void> {
  const target = `${url}/webhooks/hubspot`;
  const event = (more: object) => ({
    subscriptionType: "contact.propertyChange",
    objectId: 101,
    propertyName: "phone",
    propertyValue: people[0].phone,
    occurredAt: Date.now(),
    ...more,
  });
  for (const batch of [
    [event({})],
    [event({ objectId: people[0].email })],
    [event({ subscriptionType: jobTitle })],
    "nonsense",
  ]) {
    const body = JSON.stringify(batch);
    const signed = signatureHeaders({
      secret: keys.HUBSPOT_CLIENT_SECRET,
      uri: target,
      body,
      now: Date.now(),
    });
    await fetch(target, {
      method: "POST",
      body,
      headers: signed,
    });
  }
  await call("/webhooks/hubspot", [event({})], {
    "x-hubspot-signature-v3": keys.HUBSPOT_CLIENT_SECRET,
  });
}

/** The MCP door: a call that fails, and what it tells the client. */
async function overMcp({ url, answers }: World): Promise<void> {
  const client = new Client({ name: "secrets", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${keys.API_TOKEN}` } },
    }),
  );
  for (const [name, args] of [
    ["import", { source: "csv", path: "/etc/shadow" }],
    ["resolve-conflict", { conflict_id: 999, version: 1, resolution: "keep_local" }],
    ["query-contacts", { cursor: "x" }],
    ["sync-health", {}],
  ] as const) {
    const text = JSON.stringify(await client.callTool({ name, arguments: args }));
    answers.push({ path: `mcp ${name}`, status: 0, text });
  }
  await client.close();
}

/** All that operators and programs read about how things stand. */
async function inspect({ call }: World): Promise<void> {
  const paths = [
    "/api/health",
    "/api/jobs",
    "/api/reconciliations",
    "/metrics",
    "/healthz",
    "/api/openapi.json",
  ];
  for (const path of paths) await call(path);
  const { reconciliations = [] } = JSON.parse((await call("/api/reconciliations")).text);
  for (const { run_id } of reconciliations) await call(`/api/reconciliations/${run_id}.md`);
}

async function simulated(): Promise<Simulator> {
  const simulator = await startSimulator({
    hubspot: { settings: { token: keys.HUBSPOT_ACCESS_TOKEN } },
    lemlist: { apiKey: keys.LEMLIST_API_KEY },
    explorium: { apiKey: keys.EXPLORIUM_API_KEY },
    anthropic: { apiKey: keys.ANTHROPIC_API_KEY },
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

describeEachEngine("a run in which everything goes wrong", (_, { empty, engine }) => {
  test("writes no secret and no person anywhere", async () => {
    const simulator = await simulated();
    const database = await empty();
    const world = await start({
      DATABASE_URL: database,
      HUBSPOT_BASE_URL: simulator.hubspotUrl,
      LEMLIST_BASE_URL: simulator.lemlistUrl,
      EXPLORIUM_BASE_URL: simulator.exploriumUrl,
      ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    });
    const fault = (
      service: "hubspot" | "explorium" | "anthropic",
      name: "http-500" | "unauthorized" | "forbidden" | "drop-mid-body" | "reset-after-commit",
    ) => simulator.faults.add({ service, name, times: 2 });

    await importPeople(world);
    for (const name of ["unauthorized", "drop-mid-body"] as const) {
      fault("explorium", name);
      fault("anthropic", name);
      await world.work("/api/enrich", { force: true, emails: people.map(({ email }) => email) });
    }
    simulator.anthropic.behave({ name: "invalid", times: 2 });
    await world.work("/api/enrich", { force: true, emails: people.map(({ email }) => email) });
    for (const name of [
      "drop-mid-body",
      "reset-after-commit",
      "http-500",
      "forbidden",
      "unauthorized",
    ] as const) {
      fault("hubspot", name);
      await world.work("/api/sync/hubspot", { object: "contacts" });
    }
    simulator.faults.clear();
    await world.work("/api/sync/hubspot", { mode: "reconcile" });
    await misuse(world);
    await notify(world);
    await overMcp(world);
    await inspect(world);

    const password = engine === "postgres" ? [new URL(database).password] : [];
    expect(told(world, password), lines(world).join("\n")).toEqual({});
    expect(world.answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(world.answers.length).toBeGreaterThan(30);
    expect(world.child.stderr().split("\n").length).toBeGreaterThan(10);
  });
});

describe("neighbours that quote what they were sent", () => {
  test.each([400, 401, 500])(
    "to everything with HTTP %i are not quoted in turn",
    async (status) => {
      const upstream = await echoingUpstream({ status });
      onTestFinished(() => upstream.close());
      const world = await start({
        HUBSPOT_BASE_URL: upstream.url,
        LEMLIST_BASE_URL: `${upstream.url}/api`,
        EXPLORIUM_BASE_URL: `${upstream.url}/v1`,
        ANTHROPIC_BASE_URL: upstream.url,
      });

      await importPeople(world);
      await world.work("/api/import/lemlist", { campaign_id: "cam_A1B2C3D4E5F6G7H8I9" });
      await world.work("/api/import/hubspot", {});
      await world.work("/api/enrich", { emails: people.map(({ email }) => email) });
      await world.work("/api/sync/hubspot", {});
      await inspect(world);

      expect(upstream.count()).toBeGreaterThanOrEqual(3);
      expect(told(world), lines(world).join("\n")).toEqual({});
    },
  );

  test.each([400, 500])("to writes alone with HTTP %i are not quoted in turn", async (status) => {
    const simulator = await simulated();
    const through = async (passTo: string, quotes: RegExp) => {
      const upstream = await echoingUpstream({ status, passTo, quotes });
      onTestFinished(() => upstream.close());
      return upstream;
    };
    const hubspot = await through(
      simulator.hubspotUrl,
      /POST \/crm\/objects\/.*\/batch\/(upsert|create|update)/,
    );
    const anthropic = await through(simulator.anthropicUrl, /POST /);
    const world = await start({
      HUBSPOT_BASE_URL: hubspot.url,
      EXPLORIUM_BASE_URL: simulator.exploriumUrl,
      ANTHROPIC_BASE_URL: anthropic.url,
    });

    await importPeople(world);
    const emails = people.map(({ email }) => email);
    await world.work("/api/sync/hubspot", { object: "contacts", emails });
    await world.work("/api/enrich", { emails, force: true });
    await inspect(world);

    expect([hubspot.count() > 0, anthropic.count() > 0]).toEqual([true, true]);
    expect(told(world), lines(world).join("\n")).toEqual({});
  });
});

test.each([
  "postgres://planted:PASSWORD@127.0.0.1:1/nothing",
  "postgres://planted:PASSWORD@host with spaces/x",
  "mysql://planted:PASSWORD@127.0.0.1/x",
])("a database that cannot be opened (%s) is told without its password", async (form) => {
  const password = planted("pw");
  const box = await sandbox({
    LOG_LEVEL: "trace",
    DATABASE_URL: form.replace("PASSWORD", password),
  });
  onTestFinished(() => box.remove());
  const child = startServer("http", box.env);

  expect(await child.ended).toBe(1);
  expect(child.stderr()).not.toBe("");
  expect(child.stderr() + child.stdout()).not.toContain(password);
});

test("settings that are wrong are told by name, without the value of any secret", async () => {
  const broken = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, `${key} x`]));
  const box = await sandbox({ ...broken, HTTP_HOST: "0.0.0.0", LOG_LEVEL: "trace" });
  onTestFinished(() => box.remove());
  const child = startServer("http", box.env);

  expect(await child.ended).toBe(1);
  for (const name of Object.keys(keys)) expect(child.stderr()).toContain(name);
  expect(leaks(child.stderr())).toEqual([]);
});
