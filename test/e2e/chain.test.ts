/** The whole chain by itself, imported to synced: once in peace, and once with its process killed again and again. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type Sandbox, sandbox } from "../support/child-server.ts";
import {
  killAll,
  letJobLeasesRunOut,
  type RunningServer,
  rowsOf,
  startHttp,
} from "../support/crash-rig.ts";
import { differences, hubspotState, localState } from "../support/crash-state.ts";

// Far more than an idle machine needs; the work is what it is on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PEOPLE = 300;
const COMPANIES = 60;
const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

// After how many requests to which services the process dies: up to about as many as a run of that stage makes.
const moments = [
  { services: ["explorium", "anthropic"], most: 55 },
  { services: ["anthropic"], most: 55 },
  { services: ["hubspot"], most: 20 },
  { services: ["hubspot"], most: 12 },
  { services: ["hubspot"], most: 8 },
  { services: ["hubspot"], most: 8 },
] as const;

/** A server's surroundings, and everything it left there in the end. */
interface Chain {
  readonly box: Sandbox;
  readonly file: string;
  readonly simulator: Simulator;
}

const chains: Chain[] = [];
let peaceful: Chain;

beforeAll(async () => {
  peaceful = await newChain();
  const server = await startHttp(peaceful.box.env);
  await startImport(server, peaceful);
  await quiet(server, peaceful);
  await server.stop();
});
afterEach(killAll);
afterAll(async () => {
  // Here too: after a failed beforeAll nothing else would end its server.
  await killAll();
  for (const { box, simulator } of chains) {
    await simulator.close();
    await box.remove();
  }
});

test("one import call brings every contact to HubSpot, enriched, with company, association and note", () => {
  const { contacts, companies, notes } = hubspotState(peaceful.simulator);

  expect(contacts.length).toBe(PEOPLE);
  expect(companies.length).toBe(COMPANIES);
  expect(notes).toBe(PEOPLE);
  for (const contact of contacts) {
    expect(contact.notes).toHaveLength(1);
    expect(contact.companies).toEqual([`${contact.email.split("@")[1]} as 1,279`]);
  }
});

test(`a chain killed at random moments ends as the undisturbed one (CRASH_SEED=${seed})`, async () => {
  const chain = await newChain();
  const random = seededRandom(seed);
  let server = await startHttp(chain.box.env);
  await startImport(server, chain);

  let kills = 0;
  for (const { services, most } of moments) {
    const isEnough = await requestsSeen(chain, services, 1 + Math.floor(random() * most));
    if (isEnough) await new Promise((wake) => setTimeout(wake, random() * 40));
    await server.kill();
    if (!isQuiet(chain.file)) kills += 1;
    letJobLeasesRunOut(chain.file);
    chain.simulator.requests.clear();
    server = await startHttp(chain.box.env);
  }
  await quiet(server, chain);
  await server.stop();

  // The last ones may find that everything is done; the first three cannot.
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(differences(hubspotState(chain.simulator), hubspotState(peaceful.simulator))).toEqual([]);
  expect(
    differences(
      localState(chain.file, chain.simulator),
      localState(peaceful.file, peaceful.simulator),
    ),
  ).toEqual([]);
});

test("a server that waits for a dead one's sync still stops within seconds", async () => {
  const chain = await newChain();
  const killed = await startHttp(chain.box.env);
  await startImport(killed, chain);
  await requestsSeen(chain, ["hubspot"], 5);
  await killed.kill();

  // The dead process's lease still runs: this one can only wait for it.
  const server = await startHttp(chain.box.env);
  const { code, ms } = await server.stop();

  expect(isQuiet(chain.file)).toBe(false);
  expect(code).toBe(0);
  expect(ms).toBeLessThan(5_000);
});

async function newChain(): Promise<Chain> {
  const simulator = await startSimulator({
    // The limits have tests of their own; a process that forgets its budget five times would only wait here.
    hubspot: { settings: { burstLimit: 1_000, associationsBurstLimit: 1_000 } },
    explorium: { quota: { limit: 2_000, windowMs: 60_000 } },
  });
  // Time on the way, so that a process may die while its request is under way.
  simulator.faults.add({ service: "hubspot", name: "slow", times: 100_000, delayMs: 20 });
  const box = await sandbox({
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BURST_LIMIT: "1000",
    EXPLORIUM_BASE_URL: simulator.exploriumUrl,
    EXPLORIUM_API_KEY: simulator.exploriumKey,
    EXPLORIUM_RATE_LIMIT: "2000",
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    ANTHROPIC_API_KEY: simulator.anthropicKey,
    AUTO_ENRICH_ON_IMPORT: "true",
    AUTO_SYNC_AFTER_ENRICH: "true",
  });
  const chain = { box, file: join(box.folder, "test.db"), simulator };
  chains.push(chain);
  return chain;
}

async function startImport(server: RunningServer, { box }: Chain): Promise<void> {
  const path = join(box.folder, "people.csv");
  const lines = Array.from({ length: PEOPLE }, (_, n) => {
    const company = `Oakmere ${(n % COMPANIES) + 1}`;
    return `person-${n}@${company.replace(" ", "").toLowerCase()}.com,Ada,Number ${n},${company},Head of Sales`;
  });
  await writeFile(path, ["email,first name,last name,company,job title", ...lines].join("\n"));
  await server.post("/api/import/csv", { path, wait_seconds: 0 });
}

/** Whether all contacts are synced and nothing is running or due. */
function isQuiet(file: string): boolean {
  const [row] = rowsOf<{ synced: number; open: number }>(
    file,
    `select
       (select count(*) from contacts where status = 'synced') as synced,
       (select count(*) from jobs where status in ('queued', 'running')) +
       (select count(*) from sync_queue) as open`,
  );
  return row?.synced === PEOPLE && row.open === 0;
}

async function quiet(server: RunningServer, { file }: Chain): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isQuiet(file)) {
    if (Date.now() > deadline) {
      const states = rowsOf(file, "select status, error, count(*) from contacts group by 1, 2");
      const jobs = rowsOf(file, "select kind, status, counts, errors from jobs");
      throw new Error(`never quiet: ${JSON.stringify({ states, jobs })}\n${server.child.stderr()}`);
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Waits for so many requests; false when everything was done before. */
async function requestsSeen(
  { simulator, file }: Chain,
  services: readonly string[],
  count: number,
): Promise<boolean> {
  const seen = (): boolean =>
    services.reduce((sum, service) => sum + simulator.requests.count({ service }), 0) >= count;
  await expect.poll(() => seen() || isQuiet(file), { interval: 1, timeout: 30_000 }).toBe(true);
  return seen();
}
