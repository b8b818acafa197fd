/** The control port: switch faults and settings, read the request log and each stand-in's state. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Anthropic } from "./anthropic/anthropic.ts";
import { hubspotRoutes } from "./control-hubspot.ts";
import type { Explorium } from "./explorium/explorium.ts";
import { type Faults, faultSchema } from "./faults.ts";
import type { Hubspot } from "./hubspot/hubspot.ts";
import type { Lemlist } from "./lemlist/lemlist.ts";
import type { LogQuery, RequestLog } from "./request-log.ts";

/** What the control port reaches. */
export type Controlled = {
  hubspot: Hubspot;
  lemlist: Lemlist;
  explorium: Explorium;
  anthropic: Anthropic;
  faults: Faults;
  requests: RequestLog;
};

const lemlistSeed = z.strictObject({ demo: z.literal(true) });
const settingsPatch = z.record(z.string(), z.unknown());

function queryOf(context: Context): LogQuery {
  const { service, since, path } = context.req.query();
  return {
    ...(service === undefined ? {} : { service }),
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(path === undefined ? {} : { path }),
  };
}

function logRoutes(app: Hono, { requests, faults }: Controlled): void {
  app.get("/requests", (context) => {
    const entries = requests.list(queryOf(context));
    return context.json({ total: entries.length, requests: entries });
  });
  app.delete("/requests", (context) => {
    requests.clear();
    return context.body(null, 204);
  });
  app.get("/faults", (context) => context.json({ faults: faults.list() }));
  app.post("/faults", async (context) =>
    context.json(faults.add(faultSchema.parse(await context.req.json())), 201),
  );
  app.delete("/faults", (context) => {
    faults.clear();
    return context.body(null, 204);
  });
}

function stateRoutes(app: Hono, controlled: Controlled): void {
  const { hubspot, lemlist, explorium, anthropic } = controlled;
  app.get("/state/hubspot", (context) =>
    context.json({ portalId: hubspot.portalId, counts: hubspot.counts() }),
  );
  app.get("/state/hubspot/:type", (context) =>
    context.json({ records: hubspot.all(context.req.param("type")) }),
  );
  app.get("/state/hubspot/:type/:id", (context) => {
    const { type, id } = context.req.param();
    const record = hubspot.find(type, id);
    return record === undefined ? context.notFound() : context.json(record);
  });
  app.get("/state/hubspot/:type/:id/associations/:to", (context) => {
    const { type, id, to } = context.req.param();
    return context.json({ associations: hubspot.associations(type, id, to) });
  });
  app.get("/state/lemlist", (context) => context.json(lemlist.state()));
  app.get("/state/explorium", (context) => context.json(explorium.state()));
  app.get("/state/anthropic", (context) => context.json(anthropic.state()));
}

function seedRoutes(app: Hono, { lemlist, anthropic }: Controlled): void {
  app.post("/seed/lemlist", async (context) => {
    lemlistSeed.parse(await context.req.json());
    lemlist.seedDemo();
    return context.json(lemlist.state(), 201);
  });
  app.post("/behaviours/anthropic", async (context) => {
    anthropic.behave(await context.req.json());
    return context.json(anthropic.state(), 201);
  });
}

/** Settings of one service stand under its name; those at the top are HubSpot's. */
function settingsRoutes(app: Hono, controlled: Controlled): void {
  const { hubspot, lemlist, explorium, anthropic } = controlled;
  const all = () => ({
    hubspot: hubspot.settings(),
    lemlist: lemlist.settings(),
    explorium: explorium.settings(),
    anthropic: anthropic.settings(),
  });
  app.get("/settings", (context) => context.json(all()));
  app.patch("/settings", async (context) => {
    const given = settingsPatch.parse(await context.req.json());
    const named = { lemlist, explorium, anthropic };
    const { hubspot: nested, lemlist: l, explorium: e, anthropic: a, ...top } = given;
    hubspot.configure({ ...top, ...settingsPatch.parse(nested ?? {}) });
    named.lemlist.configure(settingsPatch.parse(l ?? {}));
    named.explorium.configure(settingsPatch.parse(e ?? {}));
    named.anthropic.configure(settingsPatch.parse(a ?? {}));
    return context.json(all());
  });
}

/**
 * The app of the control port. Wrong input answers 400 and says what is wrong.
 *
 * - `GET /healthz`, `POST /reset`; `GET`, `PATCH /settings`: HubSpot's switches at the top or under
 *   `hubspot`, the others' under their name.
 * - `GET /requests?service=&since=&path=` (each with the names of the properties that it set),
 *   `DELETE /requests`; `GET`, `POST`, `DELETE /faults`.
 * - `GET /state/{service}`; of HubSpot also `/state/hubspot/{type}`, `…/{key}` and
 *   `…/{key}/associations/{type}`. A key is an id, an e-mail or a unique property: `crm_key=K1`.
 * - As people in HubSpot's pages, `POST`: `/edit/hubspot {type, id: key, properties, userId?, at?}`
 *   and `/bulk-edit/hubspot {type, ids, properties, userId?, at?}`, `at` in ms;
 *   `/archive/hubspot`, `/restore/hubspot`, `/erase/hubspot {type, id: key}`;
 *   `/merge/hubspot {type, primary, other}`; `/associate/hubspot`,
 *   `/dissociate/hubspot {from: {type, id}, to: {type, id}, primary?}`;
 *   `/define/hubspot {type, property}` with the property as in HubSpot's API.
 * - The app's webhooks: `GET`, `POST`, `DELETE /webhooks/hubspot` with `{targetUrl, publicUrl?,
 *   clientSecret?, subscriptionTypes?, propertyNames?, generic?, auto?}`; `GET`, `DELETE
 *   /webhooks/hubspot/pending`; `POST /webhooks/hubspot/deliver {limit?, order?, early?, timestamp?}`;
 *   `GET /webhooks/hubspot/attempts`; `POST /webhooks/hubspot/idle` answers once all is sent.
 * - `POST /seed/hubspot {demo?, contacts?, companies?, notes?, at?}`, `POST /seed/lemlist
 *   {demo: true}`, `POST /behaviours/anthropic`.
 */
export function createControl(controlled: Controlled): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.post("/reset", (context) => {
    const { hubspot, lemlist, explorium, anthropic, faults, requests } = controlled;
    for (const part of [hubspot, lemlist, explorium, anthropic]) part.reset();
    faults.clear();
    requests.clear();
    return context.body(null, 204);
  });
  logRoutes(app, controlled);
  stateRoutes(app, controlled);
  hubspotRoutes(app, controlled.hubspot);
  seedRoutes(app, controlled);
  settingsRoutes(app, controlled);
  app.onError((error, context) =>
    context.json(
      { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message },
      400,
    ),
  );
  return app;
}
