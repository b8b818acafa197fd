/** The whole program in this process, HubSpot simulated, and what its /metrics says. */
import { onTestFinished } from "vitest";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type App, openApp } from "../../mcp-server/src/app.ts";
import { readConfig } from "../../mcp-server/src/config.ts";
import { tempFile } from "../support/store.ts";

export interface Watched {
  readonly app: App;
  readonly url: string;
  readonly simulator: Simulator;
  /** Where the database is. */
  readonly database: string;
  scrape(): Promise<Scrape>;
  /** Sends JSON to a REST address and returns the answer's. */
  post(path: string, body: object): Promise<Readonly<Record<string, unknown>>>;
}

/** One answer of /metrics. */
export interface Scrape {
  readonly text: string;
  /** The sample with exactly these labels; undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** All samples of a name that have these labels among theirs, added up. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

const settings = {
  searchLagMs: 0,
  searchPerSecond: 100,
  burstLimit: 1_000,
  associationsBurstLimit: 1_000,
};

/** Opens it with settings of its own; it ends with the test. */
export async function watched(more: Readonly<Record<string, string>> = {}): Promise<Watched> {
  const simulator = await startSimulator({ hubspot: { settings } });
  onTestFinished(() => simulator.close());
  const { url: database, drop } = await tempFile();
  onTestFinished(drop);
  const app = await openApp(
    readConfig({
      DATABASE_URL: database,
      HTTP_PORT: "0",
      HUBSPOT_BASE_URL: simulator.hubspotUrl,
      HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
      HUBSPOT_CLIENT_SECRET: simulator.hubspotClientSecret,
      EXPLORIUM_BASE_URL: simulator.exploriumUrl,
      EXPLORIUM_API_KEY: simulator.exploriumKey,
      ANTHROPIC_BASE_URL: simulator.anthropicUrl,
      ANTHROPIC_API_KEY: simulator.anthropicKey,
      HUBSPOT_BURST_LIMIT: "1000",
      AUTO_ENRICH_ON_IMPORT: "false",
      POLL_SCHEDULE: "off",
      RECONCILE_SCHEDULE: "off",
      LOG_LEVEL: "silent",
      ...more,
    }),
  );
  const url = await app.listen();
  const served = app.serveHttp();
  onTestFinished(async () => {
    await app.stop();
    await served;
  });
  return { app, url, simulator, database, scrape: () => scrapeAt(url), post: postTo(url) };
}

/** Another process's program on the same database, which does nothing of its own; returns its address. */
export async function besides({ database }: Watched): Promise<string> {
  const app = await openApp(
    readConfig({ DATABASE_URL: database, HTTP_PORT: "0", LOG_LEVEL: "silent" }),
  );
  onTestFinished(() => app.stop());
  return await app.listen();
}

/** Reads /metrics. */
export async function scrapeAt(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`);
  return readScrape(await answer.text());
}

type Labels = Readonly<Record<string, string>>;

function readScrape(text: string): Scrape {
  const samples = text.split("\n").flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    return match ? [{ name: match[1], labels: labelsOf(match[2]), value: Number(match[3]) }] : [];
  });
  const among = (name: string, labels: Labels) =>
    samples.filter(
      (one) =>
        one.name === name &&
        Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
  return {
    text,
    value: (name, labels = {}) =>
      among(name, labels).find(
        (one) => Object.keys(one.labels).length === Object.keys(labels).length,
      )?.value,
    sum: (name, labels = {}) => among(name, labels).reduce((sum, one) => sum + one.value, 0),
  };
}

function labelsOf(text = ""): Labels {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value]),
  );
}

function postTo(url: string): Watched["post"] {
  return async (path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const read: Readonly<Record<string, unknown>> = Object(await answer.json());
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(read)}`);
    return read;
  };
}
