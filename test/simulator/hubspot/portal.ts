/** A simulated HubSpot for one test file: its own clock, and requests over real HTTP. */
import { afterAll, beforeEach } from "vitest";
import type { Hubspot, HubspotOptions } from "../../../mcp-server/simulator/hubspot/hubspot.ts";
import { type Simulator, startSimulator } from "../../../mcp-server/simulator/simulator.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the server says; tests judge them.
export type Body = any;

/** What came back. `text` is the raw body. */
export type Answer = { status: number; headers: Headers; body: Body; text: string };

export type Portal = {
  readonly hubspot: Hubspot;
  readonly simulator: Simulator;
  /** Moves the account's clock. */
  advance(ms: number): void;
  now(): number;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  /** Creates a contact through the API and returns its id. */
  contact(properties: Record<string, string>): Promise<string>;
  company(properties: Record<string, string>): Promise<string>;
};

export const CONTACTS = "/crm/objects/2026-09/contacts";
export const COMPANIES = "/crm/objects/2026-09/companies";
export const NOTES = "/crm/objects/2026-09/notes";
export const PORTAL_ID = 44_237_313;
export const START = Date.UTC(2026, 10, 20, 12, 0, 0, 0);

/** Starts one simulator for the file and empties it before each test. */
export async function openPortal(options: HubspotOptions = {}): Promise<Portal> {
  let time = START;
  const now = () => time;
  const settings = { burstLimit: 10_000, searchPerSecond: 1_000, ...options.settings };
  const simulator = await startSimulator({ hubspot: { now, seed: 7, ...options, settings } });
  const { hubspot } = simulator;

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const payload = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${simulator.hubspotUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${simulator.hubspotToken}`,
        "content-type": "application/json",
        ...headers,
      },
      ...(body === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : undefined,
      text,
    };
  }

  async function created(path: string, properties: Record<string, string>): Promise<string> {
    const { status, body, text } = await call("POST", path, { properties });
    if (status !== 201) throw new Error(`The create failed: ${text}`);
    return body.id;
  }

  beforeEach(() => {
    time = START;
    hubspot.reset();
    simulator.faults.clear();
    simulator.requests.clear();
  });
  afterAll(() => simulator.close());

  return {
    hubspot,
    simulator,
    advance: (ms) => {
      time += ms;
    },
    now,
    call,
    get: (path) => call("GET", path),
    post: (path, body) => call("POST", path, body),
    patch: (path, body) => call("PATCH", path, body),
    contact: (properties) => created(CONTACTS, properties),
    company: (properties) => created(COMPANIES, properties),
  };
}

/** The refused values embedded in a validation error's message. */
export function embedded(message: string): { error: string; name: string; portalId: number }[] {
  return JSON.parse(message.replace("Property values were not valid: ", ""));
}

/** The ids of a list of records, sorted: HubSpot's batch order means nothing. */
export function idsOf(results: readonly { id: string }[]): string[] {
  return results.map(({ id }) => id).sort();
}
