/** The demo's third part: HubSpot speaks. Edits, a move, a deletion and a lost notification arrive, each on its own way. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { DEMO_CLIENT_SECRET } from "../simulator/hubspot/settings.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { writesTo } from "./checks.ts";
import type { Teller } from "./teller.ts";

/** What the chapter plays on. `environment`: the server's, as the chapters before had it. */
export interface InboundScene {
  readonly simulator: Simulator;
  readonly tell: Teller;
  readonly environment: Readonly<Record<string, string>>;
}

interface Stage extends InboundScene {
  readonly server: Server;
  /** The contact that the chapter is about. */
  readonly email: string;
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 5;

/** Runs the server as `npm start` does, with everything chained, and lets people work in HubSpot. */
export async function playInbound(scene: InboundScene): Promise<void> {
  const server = await startServer(scene.environment);
  try {
    const stage = { ...scene, server, email: await someContact(server) };
    subscribe(stage);
    await editInHubspot(stage);
    await refuseForgery(stage);
    await loseNotification(stage);
    await deleteInHubspot(stage);
  } finally {
    scene.simulator.hubspot.webhooks.unsubscribe();
    await server.stop();
  }
}

function subscribe({ simulator, server, tell }: Stage): void {
  tell.step("npm start, with webhooks: HubSpot calls POST /webhooks/hubspot");
  const targetUrl = `${server.url}/webhooks/hubspot`;
  simulator.hubspot.webhooks.subscribe({ targetUrl, auto: true });
  tell.aside("import → enrich → sync chain by themselves now.");
}

async function editInHubspot({ simulator, server, email, tell }: Stage): Promise<void> {
  const before = await contactOf(server, email);
  const notes = notesOf(simulator, email);
  const jobtitle = "Chief Procurement Officer";
  const started = performance.now();
  simulator.hubspot.editAsUser("contacts", email, { jobtitle }, { userId: 17 });
  tell.say(`HubSpot  ${email}: jobtitle = ${jobtitle}`);
  await until(async () => (await contactOf(server, email))["job_title"] === jobtitle);
  const arrived = Math.round(performance.now() - started);
  tell.check(`the change is here after ${arrived} ms, by webhook`, arrived < 5_000);
  await until(async () => {
    const contact = await contactOf(server, email);
    return contact["status"] === "synced" && contact["enriched_at"] !== before["enriched_at"];
  });
  tell.say("a job title is significant: the contact was enriched again, and synced");
  const score = String((await contactOf(server, email))["quality_score"]);
  await until(async () => held(simulator, email)["sync_quality_score"] === score);
  tell.check(
    "what enrichment made of it is in HubSpot",
    held(simulator, email)["jobtitle"] === jobtitle && notesOf(simulator, email) >= notes,
  );
  await quiet(simulator);
  simulator.requests.clear();
  await sleep(600);
  tell.check("the echo of our own writes set off nothing", writesTo(simulator) === 0);
}

async function refuseForgery({ server, tell }: Stage): Promise<void> {
  const answer = await fetch(`${server.url}/webhooks/hubspot`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-hubspot-signature-v3": "Zm9yZ2Vk",
      "x-hubspot-request-timestamp": String(Date.now()),
    },
    body: '[{"subscriptionType":"contact.privacyDeletion","objectId":1}]',
  });
  tell.check(
    `a notification with a forged signature is refused (${answer.status})`,
    answer.status === 401,
  );
}

async function loseNotification({ simulator, server, email, tell }: Stage): Promise<void> {
  tell.step("A notification is lost; sync { } asks HubSpot what changed");
  simulator.hubspot.webhooks.unsubscribe();
  const city = "Trondheim";
  simulator.hubspot.editAsUser("contacts", email, { city }, { userId: 17 });
  tell.say(`HubSpot  ${email}: city = ${city}`);
  const lag = simulator.hubspot.settings().searchLagMs;
  await sleep(lag + 100);
  const job = await server.job("/api/sync/hubspot", {});
  tell.counts(job.counts);
  const story = await server.text(`/api/contacts/${encodeURIComponent(email)}`);
  tell.check("the change is here", story.includes(city));
}

async function deleteInHubspot({ simulator, server, email, tell }: Stage): Promise<void> {
  tell.step(
    "Someone deletes the contact in HubSpot; sync { mode: reconcile } compares both sides whole",
  );
  simulator.hubspot.archiveAsUser("contacts", email);
  const job = await server.job("/api/sync/hubspot", { mode: "reconcile" });
  tell.counts(job.counts);
  const contact = await contactOf(server, email);
  tell.check("the local record is kept", contact["email"] === email);
  tell.check("it was not created again", simulator.hubspot.find("contacts", email) === undefined);
  const report = await server.text(`/api/reconciliations/${job.job_id}.md`);
  for (const line of report.split("\n").filter(Boolean).slice(0, 8)) tell.aside(line);
  tell.check("the report names it", /gone|deleted/i.test(report));
}

function held(simulator: Simulator, email: string): Readonly<Record<string, string>> {
  return simulator.hubspot.find("contacts", email)?.properties ?? {};
}

function notesOf(simulator: Simulator, email: string): number {
  return simulator.hubspot.associations("contacts", email, "notes").length;
}

/** Nothing was asked of HubSpot for a while. */
async function quiet(simulator: Simulator): Promise<void> {
  const asked = (): number => simulator.requests.list({ service: "hubspot" }).length;
  let last = -1;
  while (last !== asked()) {
    last = asked();
    await sleep(500);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds()) && Date.now() < deadline) await sleep(LOOK_MS);
}

const contactSchema = z.record(z.string(), z.unknown());
const pageSchema = z.object({ contacts: z.array(contactSchema) });
const jobSchema = z.object({
  job_id: z.string(),
  status: z.string(),
  counts: z.record(z.string(), z.number()),
});

async function contactOf(server: Server, email: string): Promise<z.infer<typeof contactSchema>> {
  const page = pageSchema.parse(
    await server.json(`/api/contacts?email=${encodeURIComponent(email)}`),
  );
  return page.contacts[0] ?? {};
}

/** One that is enriched, in step with HubSpot, and belongs to a company. */
async function someContact(server: Server): Promise<string> {
  const page = pageSchema.parse(
    await server.json("/api/contacts?status=synced&source=hubspot&limit=1"),
  );
  return z.string().parse(page.contacts[0]?.["email"]);
}

/** The server as a process of its own, reached over HTTP. */
interface Server {
  readonly url: string;
  json(path: string): Promise<unknown>;
  text(path: string): Promise<string>;
  /** Posts, and waits until the job that it starts has ended. */
  job(path: string, body: Readonly<Record<string, unknown>>): Promise<z.infer<typeof jobSchema>>;
  stop(): Promise<void>;
}

async function startServer(environment: Readonly<Record<string, string>>): Promise<Server> {
  const port = await freePort();
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "http"], {
    env: {
      ...environment,
      AUTO_ENRICH_ON_IMPORT: "true",
      AUTO_SYNC_AFTER_ENRICH: "true",
      HUBSPOT_CLIENT_SECRET: DEMO_CLIENT_SECRET,
      HTTP_PORT: String(port),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => answers(url));
  const json = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  return {
    url,
    json,
    text: async (path) => (await fetch(url + path)).text(),
    job: async (path, body) => {
      const headers = { "content-type": "application/json" };
      const started = await fetch(url + path, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      let job = jobSchema.parse(await started.json());
      while (job.status === "queued" || job.status === "running") {
        await sleep(50);
        job = jobSchema.parse(await json(`/api/jobs/${job.job_id}`));
      }
      return job;
    },
    stop: () => ended(child),
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill();
  await promise;
}

/** HubSpot must know the address before the server has it. */
async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}
