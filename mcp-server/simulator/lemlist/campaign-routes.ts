/** Team and campaign routes: the auth probe, credits, and the campaign list in both shapes seen in the wild. */

import { type Context, Hono } from "hono";
import { readCount } from "./paging.ts";
import { type Campaign, OWNER_ID, TEAM_ID, type Team } from "./team.ts";

/** How the campaign list answers: documentation and clients disagree, so both are offered. */
export type CampaignListing = {
  readonly campaignsShape: "array" | "object";
  readonly ignoreOffset: boolean;
};

const OWNER_EMAIL = "sales@northwind-outreach.com";

/** Routes under /team and /campaigns that do not touch leads. */
export function campaignRoutes(team: () => Team, listing: () => CampaignListing): Hono {
  const app = new Hono();
  app.get("/team", (c) => c.json(describeTeam(c.req.query("version"))));
  app.get("/team/credits", (c) =>
    c.json({
      credits: 100,
      details: { remaining: { total: 100, freemium: 0, subscription: 80, gifted: 10, paid: 10 } },
    }),
  );
  app.get("/campaigns", (c) => listCampaigns(c, [...team().campaigns.values()], listing()));
  app.get("/campaigns/:campaignId", (c) => {
    const campaign = team().campaigns.get(c.req.param("campaignId"));
    if (campaign === undefined) return c.text("Campaign not found", 404);
    const { _id, name, createdAt, status } = campaign;
    const creator = { userId: OWNER_ID, userEmail: OWNER_EMAIL };
    return c.json({ _id, name, createdAt, status, creator, senders: [] });
  });
  return app;
}

function describeTeam(version: string | undefined) {
  const users = [{ userId: OWNER_ID, name: "Mina Okafor", email: OWNER_EMAIL, role: "admin" }];
  return {
    _id: TEAM_ID,
    name: "Northwind Outreach",
    userIds: [OWNER_ID],
    createdBy: OWNER_ID,
    createdAt: "2025-02-22T08:52:30.926Z",
    hooks: [],
    ...(version === "v2" ? { users } : {}),
  };
}

function listCampaigns(c: Context, all: readonly Campaign[], listing: CampaignListing) {
  const limit = readCount(c.req.query("limit"), { fallback: 100, max: 100 });
  const page = readCount(c.req.query("page"), { fallback: 1, max: Number.MAX_SAFE_INTEGER });
  const offset = Math.max(0, Number.parseInt(c.req.query("offset") ?? "0", 10) || 0);
  // One client saw the offset ignored: it then receives the first page for ever.
  const start = (page - 1) * limit + (listing.ignoreOffset ? 0 : offset);
  const wanted = sortCampaigns(filterCampaigns(c, all), c.req.query("sortOrder"));
  const campaigns = wanted.slice(start, start + limit);
  if (listing.campaignsShape === "array") return c.json(campaigns);

  const totalPage = Math.ceil(wanted.length / limit);
  const currentPage = Math.floor(start / limit) + 1;
  const nextPage = currentPage < totalPage ? currentPage + 1 : null;
  const pagination = { totalRecords: wanted.length, currentPage, nextPage, totalPage };
  return c.json({ campaigns, pagination });
}

function filterCampaigns(c: Context, all: readonly Campaign[]): readonly Campaign[] {
  const status = c.req.query("status");
  const createdBy = c.req.query("createdBy");
  return all.filter(
    (campaign) =>
      (createdBy === undefined || campaign.createdBy === createdBy) &&
      (status === undefined || hasStatus(campaign, status)),
  );
}

// A campaign can be in several statuses at once: a paused one with errors is found by both words.
function hasStatus(campaign: Campaign, status: string): boolean {
  return status === "errors" ? campaign.hasError === true : campaign.status === status;
}

function sortCampaigns(campaigns: readonly Campaign[], order: string | undefined): Campaign[] {
  const direction = order === "desc" ? -1 : 1;
  return campaigns.toSorted((a, b) => direction * a.createdAt.localeCompare(b.createdAt));
}
