/** Lead routes: the export that imports use, the thin list, and look-ups of one lead. */

import { type Context, Hono } from "hono";
import { csvChunks, jsonChunks, leadsInState, streamText } from "./lead-export.ts";
import { readCount } from "./paging.ts";
import { type Lead, leadById, leadsByEmail, type Team } from "./team.ts";

/** Routes that read leads. */
export function leadRoutes(team: () => Team): Hono {
  const app = new Hono();
  app.get("/campaigns/:campaignId/export/leads", (c) => exportLeads(c, team()));
  app.get("/campaigns/:campaignId/leads", (c) => listLeads(c, team()));
  app.get("/campaigns/:campaignId/leads/", (c) => listLeads(c, team()));
  app.get("/leads", (c) => {
    const { email, id } = c.req.query();
    if (!email && !id) return c.text("Bad team", 400);
    const lead = id ? leadById(team(), id) : leadsByEmail(team(), email ?? "")[0];
    return lead === undefined ? c.text("Lead not found", 404) : c.json(flatObject(lead));
  });
  app.get("/leads/:email", (c) => {
    const leads = leadsByEmail(team(), c.req.param("email"));
    const [first] = leads;
    if (first === undefined) return c.text("Lead not found", 404);
    // Without a version the route keeps its older answer: one object instead of an array.
    if (c.req.query("version") !== "v2") return c.json(flatObject(first));
    return c.json(leads.map((lead) => describeLead(lead, team())));
  });
  return app;
}

function exportLeads(c: Context, team: Team): Response {
  const all = team.leads.get(c.req.param("campaignId") ?? "");
  if (all === undefined) return c.text("Campaign not found", 404);
  const leads = leadsInState(all, c.req.query("state"));
  if (c.req.query("format") === "json") {
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    return c.body(streamText(jsonChunks(leads)), 200, headers);
  }
  return c.body(streamText(csvChunks(leads)), 200, { "Content-Type": "text/csv; charset=utf-8" });
}

function listLeads(c: Context, team: Team): Response {
  const all = team.leads.get(c.req.param("campaignId") ?? "");
  if (all === undefined) return c.text("Campaign not found", 404);
  const limit = readCount(c.req.query("limit"), { fallback: 100, max: 500 });
  const state = c.req.query("state") ?? "all";
  const newestFirst = leadsInState(all, state).toReversed().slice(0, limit);
  return c.json(
    newestFirst.map((lead) => ({
      _id: lead._id,
      contactId: lead.contactId,
      state: lead.lastState,
    })),
  );
}

function flatObject(lead: Lead) {
  return {
    ...lead.fields,
    _id: lead._id,
    isPaused: lead.status === "paused",
    campaignId: lead.campaignId,
    contactId: lead.contactId,
    ...(lead.emailStatus ? { emailStatus: lead.emailStatus } : {}),
  };
}

function describeLead(lead: Lead, team: Team) {
  const campaign = team.campaigns.get(lead.campaignId);
  return {
    _id: lead._id,
    updatedAt: lead.updatedAt,
    isPaused: lead.status === "paused",
    state: lead.lastState,
    status: lead.status,
    personalized: false,
    source: "api",
    variables: lead.fields,
    contactId: lead.contactId,
    enrichment: lead.emailStatus ? { emailStatus: lead.emailStatus } : {},
    campaign: { id: lead.campaignId, name: campaign?.name, status: campaign?.status },
    sendingUser: {},
  };
}
