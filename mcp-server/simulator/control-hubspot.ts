/** The control port's part for HubSpot: what people do there, test data, and the app's webhooks. */
import type { Hono } from "hono";
import { z } from "zod";
import type { Hubspot } from "./hubspot/hubspot.ts";
import type { EditOptions } from "./hubspot/person.ts";

const row = z.record(z.string(), z.string());
const seeds = z.strictObject({
  demo: z.boolean().default(false),
  contacts: z.array(row).default([]),
  companies: z.array(row).default([]),
  notes: z.array(row).default([]),
  at: z.number().int().optional(),
});
const author = { userId: z.number().int().optional(), at: z.number().int().optional() };
const edit = z.strictObject({ type: z.string(), id: z.string(), properties: row, ...author });
const bulkEdit = z.strictObject({
  type: z.string(),
  ids: z.array(z.string()),
  properties: row,
  ...author,
});
const definition = z.strictObject({
  type: z.string(),
  property: z.record(z.string(), z.unknown()),
});
const end = z.strictObject({ type: z.string(), id: z.string() });
const merge = z.strictObject({ type: z.string(), primary: z.string(), other: z.string() });
const pair = z.strictObject({ from: end, to: end, primary: z.boolean().default(false) });

function editOptions({ userId, at }: { userId?: number | undefined; at?: number | undefined }) {
  const options: EditOptions = {
    ...(userId === undefined ? {} : { userId }),
    ...(at === undefined ? {} : { at }),
  };
  return options;
}

function editRoutes(app: Hono, hubspot: Hubspot): void {
  app.post("/edit/hubspot", async (context) => {
    const { type, id, properties, ...by } = edit.parse(await context.req.json());
    return context.json(hubspot.editAsUser(type, id, properties, editOptions(by)));
  });
  app.post("/bulk-edit/hubspot", async (context) => {
    const { type, ids, properties, ...by } = bulkEdit.parse(await context.req.json());
    const changed = hubspot.bulkEditAsUser(type, ids, properties, editOptions(by));
    return context.json({ changed });
  });
  app.post("/define/hubspot", async (context) => {
    const { type, property } = definition.parse(await context.req.json());
    hubspot.defineProperty(type, property);
    return context.body(null, 204);
  });
}

function lifeRoutes(app: Hono, hubspot: Hubspot): void {
  const verbs = {
    archive: hubspot.archiveAsUser,
    restore: hubspot.restoreAsUser,
    erase: hubspot.eraseAsUser,
  };
  for (const [verb, run] of Object.entries(verbs))
    app.post(`/${verb}/hubspot`, async (context) => {
      const { type, id } = end.parse(await context.req.json());
      run(type, id);
      return context.body(null, 204);
    });
  app.post("/merge/hubspot", async (context) => {
    const { type, primary, other } = merge.parse(await context.req.json());
    return context.json({ id: hubspot.mergeAsUser(type, primary, other) });
  });
  const pairings = { associate: hubspot.associateAsUser, dissociate: hubspot.dissociateAsUser };
  for (const [verb, run] of Object.entries(pairings))
    app.post(`/${verb}/hubspot`, async (context) => {
      const { from, to, primary } = pair.parse(await context.req.json());
      run([from.type, from.id], [to.type, to.id], { primary });
      return context.body(null, 204);
    });
}

function seedRoutes(app: Hono, hubspot: Hubspot): void {
  app.post("/seed/hubspot", async (context) => {
    const { demo, at, ...rows } = seeds.parse(await context.req.json());
    if (demo) hubspot.seedDemo();
    return context.json(
      {
        contacts: hubspot.seed("contacts", rows.contacts, at),
        companies: hubspot.seed("companies", rows.companies, at),
        notes: hubspot.seed("notes", rows.notes, at),
      },
      201,
    );
  });
}

function webhookRoutes(app: Hono, { webhooks }: Hubspot): void {
  const state = () => {
    const subscription = webhooks.subscription();
    return {
      // The secret is known to whoever set it; nobody needs to read it here.
      subscription: subscription === null ? null : { ...subscription, clientSecret: undefined },
      waiting: webhooks.pending().length,
      ...webhooks.totals(),
    };
  };
  app.get("/webhooks/hubspot", (context) => context.json(state()));
  app.post("/webhooks/hubspot", async (context) => {
    webhooks.subscribe(await context.req.json());
    return context.json(state(), 201);
  });
  app.delete("/webhooks/hubspot", (context) => {
    webhooks.unsubscribe();
    return context.body(null, 204);
  });
  app.get("/webhooks/hubspot/pending", (context) => context.json({ events: webhooks.pending() }));
  app.delete("/webhooks/hubspot/pending", (context) => {
    webhooks.clear();
    return context.body(null, 204);
  });
  app.post("/webhooks/hubspot/deliver", async (context) => {
    const text = await context.req.text();
    return context.json(await webhooks.deliver(text === "" ? {} : JSON.parse(text)));
  });
  app.get("/webhooks/hubspot/attempts", (context) =>
    context.json({ attempts: webhooks.attempts() }),
  );
  app.post("/webhooks/hubspot/idle", async (context) => {
    await webhooks.idle();
    return context.json(state());
  });
}

/** Adds HubSpot's own routes; `createControl` lists them. */
export function hubspotRoutes(app: Hono, hubspot: Hubspot): void {
  editRoutes(app, hubspot);
  lifeRoutes(app, hubspot);
  seedRoutes(app, hubspot);
  webhookRoutes(app, hubspot);
}
