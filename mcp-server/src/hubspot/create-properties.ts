/** Creates property definitions that are not there yet. What may have been created is read back before it is created again. */
import { z } from "zod";
import { cut } from "../core/batching.ts";
import type { ExistingProperty, NeededProperty } from "../core/crm-setup.ts";
import { AppError } from "../core/errors.ts";
import { quickRetryMs } from "../core/retry-policy.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import type { Clock } from "../ports/world.ts";
import { silent, unclear } from "./failure.ts";
import { propertyBatchCreate, propertyGroups } from "./paths.ts";
import { readProperties } from "./properties.ts";
import { refusalError, refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { batchErrorsSchema, readAnswer } from "./wire.ts";

const MAX_INPUTS = 100;
// A new property was readable after 0.25 to 0.7 s (live tests, 2026-09); give it several times that.
const SETTLE_TRIES = 8;
const SETTLE_MS = 500;

/** What creating stands on. */
export interface Creating {
  readonly send: Send;
  readonly clock: Clock;
}

const namedSchema = z.object({ name: z.string() });
const groupsSchema = z.object({ results: z.array(namedSchema) });
const createdSchema = z.object({ results: z.array(namedSchema), ...batchErrorsSchema });

/** A group that exists already is left as it is. Throws AppError when it was refused, or when nobody knows after three tries. */
export async function createGroup(
  creating: Creating,
  object: CrmObject,
  group: { readonly name: string; readonly label: string },
  call?: CrmCall,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const lost = await sendGroup(creating.send, object, group, call);
    if (lost === null) return;
    await waitAfter(creating, lost, tries, call);
    const request = {
      method: "GET",
      route: propertyGroups(object),
      lane: "objects",
      effect: "read",
    } as const;
    const { results } = await readAnswer(creating.send, request, groupsSchema, call);
    if (results.some(({ name }) => name === group.name)) return;
  }
}

/** null: HubSpot has it; else why nobody knows. */
async function sendGroup(
  send: Send,
  object: CrmObject,
  { name, label }: { readonly name: string; readonly label: string },
  call: CrmCall | undefined,
): Promise<AppError | null> {
  const reply = await send(
    {
      method: "POST",
      route: propertyGroups(object),
      body: { name, label, displayOrder: -1 },
      lane: "objects",
      effect: "once",
    },
    call,
  );
  switch (reply.kind) {
    case "answered":
      return namedSchema.safeParse(reply.body).data?.name === name ? null : silent();
    case "unknown":
      return reply.error;
    case "refused":
      if (reply.refusal.status === 409) return null;
      throw refusalError(reply.refusal);
    case "failed":
      throw reply.error;
  }
}

/** Throws what was lost once the tries are spent. */
async function waitAfter(
  { clock }: Creating,
  lost: AppError,
  tries: number,
  call: CrmCall | undefined,
): Promise<void> {
  const waitMs = quickRetryMs(tries, 0);
  if (waitMs === null) throw lost;
  await clock.wait(waitMs, call?.signal);
}

/**
 * Creates those that do not exist, and returns when all can be read. Existing ones are left as they are, whatever their definition.
 * Throws AppError when one was refused, or came back from the archive as something else.
 */
export async function createMissing(
  creating: Creating,
  object: CrmObject,
  wanted: readonly NeededProperty[],
  call?: CrmCall,
): Promise<void> {
  const created = without(wanted, await readProperties(creating.send, object, call));
  let missing = created;
  for (let tries = 0; missing.length > 0; tries += 1) {
    const lost = await sendAll(creating.send, object, missing, call);
    if (lost !== null) await waitAfter(creating, lost, tries, call);
    const existing =
      lost === null
        ? await whenVisible(creating, object, missing, call)
        : await readProperties(creating.send, object, call);
    missing = without(missing, existing);
    if (missing.length === 0) refuseOtherwise(created, existing);
  }
}

async function sendAll(
  send: Send,
  object: CrmObject,
  missing: readonly NeededProperty[],
  call: CrmCall | undefined,
): Promise<AppError | null> {
  let lost: AppError | null = null;
  for (const batch of cut(missing, MAX_INPUTS))
    lost = (await sendBatch(send, object, batch, call)) ?? lost;
  return lost;
}

/** null: HubSpot has done it, or had them; else why nobody knows. */
async function sendBatch(
  send: Send,
  object: CrmObject,
  batch: readonly NeededProperty[],
  call: CrmCall | undefined,
): Promise<AppError | null> {
  const reply = await send(
    {
      method: "POST",
      route: propertyBatchCreate(object),
      body: { inputs: batch.map(wireProperty) },
      lane: "objects",
      effect: "once",
    },
    call,
  );
  switch (reply.kind) {
    case "answered":
      return readCreated(batch, reply.body);
    case "unknown":
      return reply.error;
    case "failed":
      throw reply.error;
    case "refused":
      // Another process was faster: what it left out is seen to when the definitions are read again.
      if (reply.refusal.status !== 409) throw refusalError(reply.refusal);
      return batch.length > 1 ? oneByOne(send, object, batch, call) : null;
  }
}

async function oneByOne(
  send: Send,
  object: CrmObject,
  batch: readonly NeededProperty[],
  call: CrmCall | undefined,
): Promise<AppError | null> {
  let lost: AppError | null = null;
  for (const one of batch) lost = (await sendBatch(send, object, [one], call)) ?? lost;
  return lost;
}

function readCreated(batch: readonly NeededProperty[], body: unknown): AppError | null {
  const answer = createdSchema.safeParse(body);
  if (!answer.success) return unclear(answer.error);
  const { results, errors, numErrors = errors.length } = answer.data;
  const refused = errors
    .map((fault) => refusalOf(400, fault))
    .find((refusal) => refusal.category !== "OBJECT_ALREADY_EXISTS");
  if (refused !== undefined) throw refusalError(refused);
  return results.length + numErrors < batch.length ? silent() : null;
}

async function whenVisible(
  { send, clock }: Creating,
  object: CrmObject,
  created: readonly NeededProperty[],
  call: CrmCall | undefined,
): Promise<readonly ExistingProperty[]> {
  for (let tries = 0; ; tries += 1) {
    const existing = await readProperties(send, object, call);
    const missing = without(created, existing);
    if (missing.length === 0) return existing;
    if (tries >= SETTLE_TRIES) throw notThere(missing);
    await clock.wait(SETTLE_MS, call?.signal);
  }
}

/** The specification demands `hidden` of each option; an order keeps the menu as the map lists it. */
function wireProperty({ options, ...rest }: NeededProperty) {
  if (options === undefined) return rest;
  const ordered = options.map(({ label, value }, displayOrder) => ({
    label,
    value,
    displayOrder,
    hidden: false,
  }));
  return { ...rest, options: ordered };
}

function without(
  wanted: readonly NeededProperty[],
  existing: readonly ExistingProperty[],
): readonly NeededProperty[] {
  const names = new Set(existing.map(({ name }) => name));
  return wanted.filter(({ name }) => !names.has(name));
}

/** Creating a property whose name is in HubSpot's archive brings the old one back, with its old definition (live tests, 2026-09). */
function refuseOtherwise(
  created: readonly NeededProperty[],
  existing: readonly ExistingProperty[],
): void {
  const byName = new Map(existing.map((property) => [property.name, property]));
  const wrong = created.filter(({ name, type, hasUniqueValue = false }) => {
    const found = byName.get(name);
    return found?.type !== type || (hasUniqueValue && found.hasUniqueValue !== true);
  });
  if (wrong.length === 0) return;
  const names = wrong.map(({ name }) => name).join(", ");
  throw new AppError(
    "input",
    `HubSpot already had an archived definition of these properties, of another type or without unique values: ${names}. Archive them and give the field map other names.`,
    { code: "PROPERTY_RESTORED" },
  );
}

function notThere(missing: readonly NeededProperty[]): AppError {
  const names = missing.map(({ name }) => name).join(", ");
  return new AppError("unavailable", `HubSpot does not show new properties yet: ${names}.`, {
    code: "PROPERTIES_NOT_VISIBLE",
  });
}
