/** Two servers that send changes of one database as they happen, while another program goes on making them. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { sandbox } from "../support/child-server.ts";
import {
  hasEnded,
  type JobSeen,
  killAll,
  type RunningServer,
  startHttp,
} from "../support/crash-rig.ts";
import { describeEachEngine } from "../support/store.ts";
import type { Written } from "./balance-writer.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 120_000 });

const EDITS = 800;
const ACCOUNTS = 40;

afterEach(killAll);

describeEachEngine("two servers and a billing system", (_, { empty, openAt }) => {
  test("every last value arrives, none is sent twice or late, and nobody is locked out", async () => {
    const url = await empty();
    const simulator = await startSimulator({
      logBodies: true,
      hubspot: { settings: { searchLagMs: 0, burstLimit: 1_000 } },
    });
    onTestFinished(() => simulator.close());
    const box = await sandbox({
      DATABASE_URL: url,
      HUBSPOT_BASE_URL: simulator.hubspotUrl,
      HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
      HUBSPOT_BURST_LIMIT: "1000",
      AUTO_SYNC_AFTER_ENRICH: "true",
    });
    onTestFinished(() => box.remove());
    const first = await startHttp(box.env);
    await firstSync(first);
    const second = await startHttp(box.env);
    simulator.requests.clear();

    const written = await edited(url);

    const store = await openAt(url);
    const queued = async () => {
      const { due, waiting } = await store.queue.depth(new Date().toISOString());
      return due + waiting;
    };
    await expect.poll(queued, { timeout: 30_000, interval: 50 }).toBe(0);
    const servers = [first, second];
    await Promise.all(servers.map((server) => server.stop()));

    expect(written.errors).toEqual([]);
    expect(balances(simulator)).toEqual(written.last);
    for (const [ban, values] of Object.entries(sentBalances(simulator))) {
      expect(values, ban).toEqual([...new Set(values)].sort((a, b) => a - b));
      expect(values.length).toBeLessThanOrEqual(written.edits[ban] ?? 0);
    }
    for (const { child } of servers) expect(child.stderr()).not.toMatch(/locked|"level":[56]0/);
    expect(await store.changes.latest("customers", await store.customers.ids(0, 100))).toEqual([]);
  });
});

async function firstSync(server: RunningServer): Promise<void> {
  const records = Array.from({ length: ACCOUNTS }, (_, n) => ({
    ban: `B-${n}`,
    company_name: `Firm ${n}`,
    current_balance: 0,
    prepaid_balance: 0,
  }));
  for (const [path, asked] of [
    ["/api/import/records", { object: "customers", records }],
    ["/api/sync/hubspot", { object: "customers" }],
  ] as const) {
    const { job_id } = await server.post<JobSeen>(path, { ...asked, wait_seconds: 0 });
    await server.jobUntil(job_id, hasEnded);
  }
}

/** Has another process edit balances. */
async function edited(url: string): Promise<Written> {
  const script = fileURLToPath(new URL("./balance-writer.ts", import.meta.url));
  const writer = fork(script, [url, String(EDITS), String(ACCOUNTS)]);
  const [said] = await once(writer, "message");
  if (typeof said === "string") throw new Error(said);
  return said;
}

/** What HubSpot holds, by account number. */
function balances({ hubspot }: Simulator): Readonly<Record<string, number>> {
  return Object.fromEntries(
    hubspot
      .all("companies")
      .map(({ properties }) => [
        properties["warp_ban"],
        Number(properties["warp_current_balance"]),
      ]),
  );
}

/** The balances that requests have set, by account number, in the order in which they came. */
function sentBalances({ hubspot, requests }: Simulator): Readonly<Record<string, number[]>> {
  const banOf = new Map(
    hubspot.all("companies").map(({ id, properties }) => [id, properties["warp_ban"] ?? ""]),
  );
  const sent: Record<string, number[]> = {};
  for (const { body = "" } of requests.list({ path: "/companies/batch/update" })) {
    const { inputs }: { inputs: { id: string; properties: Record<string, string> }[] } =
      JSON.parse(body);
    for (const { id, properties } of inputs) {
      const ban = banOf.get(id) ?? "";
      sent[ban] = [...(sent[ban] ?? []), Number(properties["warp_current_balance"])];
    }
  }
  return sent;
}
