/** A Lemlist that behaves like the real one over HTTP: its door, limits, text errors, exports and odd data. */

import { Hono } from "hono";
import { lemlistAccess, type RateLimit } from "./access.ts";
import { type CampaignListing, campaignRoutes } from "./campaign-routes.ts";
import { contactRoutes } from "./contact-routes.ts";
import { generateLeads, seedDemo } from "./demo-data.ts";
import { leadRoutes } from "./lead-routes.ts";
import {
  addCampaign,
  addContact,
  addLead,
  addUnsubscribe,
  type Campaign,
  type Contact,
  emptyTeam,
  type Lead,
  type LeadInput,
  type Team,
  type Unsubscribe,
} from "./team.ts";
import { unsubscribeRoutes } from "./unsubscribe-routes.ts";

/** The key that the stand-in accepts unless another is given; it opens nothing but the stand-in. */
export const LEMLIST_DEMO_KEY = "lemlist-demo-key";

/** Behaviour that can be changed while the stand-in runs. */
export type LemlistSettings = CampaignListing & { readonly rateLimit: RateLimit };

/** Options of the stand-in: `now` in milliseconds, and any setting at its start. */
export type LemlistOptions = Partial<LemlistSettings> & {
  readonly now?: () => number;
  readonly apiKey?: string;
};

/** A running stand-in's handle. */
export type Lemlist = {
  readonly app: Hono;
  /** What Lemlist would answer with that status, for injected faults. */
  errorBody(status: number): { status: number; headers: Record<string, string>; body: string };
  /** Empties the team and puts the settings back to those given at creation. */
  reset(): void;
  configure(patch: Partial<LemlistSettings>): void;
  settings(): LemlistSettings;
  /** Replaces what the team holds by the demo data set; the same every time. */
  seedDemo(): void;
  addCampaign(campaign: Parameters<typeof addCampaign>[1]): Campaign;
  addLead(campaignId: string, lead: LeadInput): Lead;
  /** Adds that many plain leads with distinct e-mails, for large exports. */
  generateLeads(campaignId: string, count: number): void;
  addContact(fields: Readonly<Record<string, string>>): Contact;
  addUnsubscribe(value: string, source?: string): Unsubscribe;
  /** Everything the team holds, as plain JSON. */
  state(): { campaigns: Campaign[]; leads: Lead[]; unsubscribes: Unsubscribe[]; contacts: number };
};

const ERROR_TEXTS: Readonly<Record<number, string>> = {
  400: "Bad team",
  401: "The authentication you supplied is incorrect",
  403: "User linked to this API key is blocked",
  404: "No user found for this API key",
  429: "Too many requests",
};

/** Creates an empty stand-in; call `seedDemo` for data. */
export function createLemlist(options: LemlistOptions = {}): Lemlist {
  const { now = Date.now, apiKey = LEMLIST_DEMO_KEY, ...given } = options;
  const initial: LemlistSettings = {
    campaignsShape: "array",
    ignoreOffset: false,
    rateLimit: { requests: 20, windowMs: 2_000 },
    ...given,
  };
  let settings = initial;
  let team = emptyTeam();
  const windows = new Map();
  const app = new Hono();
  app.use(lemlistAccess({ apiKey, now, windows, rateLimit: () => settings.rateLimit }));
  mountRoutes(app, { team: () => team, settings: () => settings });
  return {
    app,
    errorBody,
    reset() {
      settings = initial;
      team = emptyTeam();
      windows.clear();
    },
    configure(patch) {
      settings = { ...settings, ...patch };
    },
    settings: () => settings,
    seedDemo() {
      team = emptyTeam();
      seedDemo(team);
    },
    addCampaign: (campaign) => addCampaign(team, campaign),
    addLead: (campaignId, lead) => addLead(team, campaignId, lead),
    generateLeads: (campaignId, count) => generateLeads(team, campaignId, count),
    addContact: (fields) => addContact(team, fields),
    addUnsubscribe: (value, source) => addUnsubscribe(team, value, source),
    state: () => describe(team),
  };
}

function mountRoutes(app: Hono, held: { team: () => Team; settings: () => LemlistSettings }): void {
  app.route("/api", leadRoutes(held.team));
  app.route("/api", campaignRoutes(held.team, held.settings));
  app.route("/api", contactRoutes(held.team));
  app.route("/api", unsubscribeRoutes(held.team));
  app.notFound((c) => c.text("Not found", 404));
}

function describe(team: Team) {
  return {
    campaigns: [...team.campaigns.values()],
    leads: [...team.leads.values()].flat(),
    unsubscribes: [...team.unsubscribes.values()],
    contacts: team.contacts.size,
  };
}

function errorBody(status: number) {
  const headers: Record<string, string> = { "Content-Type": "text/plain; charset=utf-8" };
  if (status === 429) headers["Retry-After"] = "2";
  const fallback = status >= 500 ? "Internal server error" : "Bad request";
  return { status, headers, body: ERROR_TEXTS[status] ?? fallback };
}
