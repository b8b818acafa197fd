/** Opt-out routes: the list that imports must honour, its CSV export, and look-ups of one value. */

import { type Context, Hono } from "hono";
import { readCount } from "./paging.ts";
import { isUnsubscribed, type Team } from "./team.ts";

/** Routes that read opt-outs. */
export function unsubscribeRoutes(team: () => Team): Hono {
  const app = new Hono();
  app.get("/unsubscribes", (c) => c.json(page(c, team(), Number.MAX_SAFE_INTEGER)));
  app.get("/unsubs/export", (c) => {
    const rows = [...team().unsubscribes.values()].map(
      ({ value, source, createdAt }) => `${value},${source},${createdAt}`,
    );
    const headers = { "Content-Type": "text/csv; charset=utf-8" };
    return c.body(["value,source,createdAt", ...rows].join("\n"), 200, headers);
  });
  app.get("/unsubscribes/:email", (c) => {
    const entry = team().unsubscribes.get(c.req.param("email").toLowerCase());
    return entry === undefined ? c.text("Email not found", 404) : c.json(entry);
  });
  app.get("/v2/unsubscribes/variables", (c) => c.json(page(c, team(), 100)));
  app.get("/v2/unsubscribes/variables/:value", (c) => {
    const entry = team().unsubscribes.get(c.req.param("value").toLowerCase());
    if (entry === undefined) return c.text("Variable not found", 404);
    const { _id, value, source } = entry;
    return c.json({ _id, value, variable: value, source });
  });
  app.get("/v2/unsubscribes/contacts/:contactId", (c) => {
    const contact = team().contacts.get(c.req.param("contactId"));
    if (contact === undefined) return c.text("Bad contact identifier", 400);
    return c.json({ _id: contact._id, doNotContact: isUnsubscribed(team(), contact.email) });
  });
  return app;
}

function page(c: Context, team: Team, max: number) {
  const limit = readCount(c.req.query("limit"), { fallback: 100, max });
  const offset = Math.max(0, Number.parseInt(c.req.query("offset") ?? "0", 10) || 0);
  return [...team.unsubscribes.values()].slice(offset, offset + limit);
}
