/** The Crm port over HubSpot. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { hubspotLimits } from "../core/limit-plan.ts";
import { limitsName } from "../core/shared-limits.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Clock, Log } from "../ports/world.ts";
import { associate, dissociate } from "./associate.ts";
import { associatedIds, associations } from "./associated-ids.ts";
import { CircuitGate, type CircuitPlace } from "./circuit-gate.ts";
import { createGroup, createMissing } from "./create-properties.ts";
import { privateBook, storedBook } from "./limit-book.ts";
import { Limiter } from "./limiter.ts";
import { listRecords } from "./list-records.ts";
import { accountDetails } from "./paths.ts";
import { readProperties } from "./properties.ts";
import { readPropertyTimes } from "./property-times.ts";
import { createReachable } from "./reachable.ts";
import { readRecords } from "./read-records.ts";
import { countRequest, noRequests, type RequestCounts } from "./request-counters.ts";
import { createRequester, type RequestSeen, type Send } from "./requester.ts";
import { findByValues, searchRecords } from "./search-records.ts";
import { createTransport } from "./transport.ts";
import { readAnswer } from "./wire.ts";
import { createInput, lower, twinKeyOf, updateInput, upsertInput } from "./write-inputs.ts";
import { writeRecords } from "./write-records.ts";

export interface HubspotOptions extends CircuitPlace {
  readonly baseUrl: string;
  readonly accessToken: string;
  /** Requests per rolling 10 s that all processes on the database may use together; 100 by default, the limit of free and Starter accounts. */
  readonly burstLimit?: number;
  /** Percent of the account's daily limit that is left to other apps; 0 by default. */
  readonly dailyReserve?: number;
  /** Names this process among those that share the limits; a name of its own by default. */
  readonly holder?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, spreads retries; Math.random by default. */
  readonly random?: () => number;
  /** From sending to the last byte of the answer; 30,000 by default. */
  readonly timeoutMs?: number;
  /** How long a write under way may still take after its signal; 2,000 by default. */
  readonly graceMs?: number;
  /** Hears of every try. */
  readonly onRequest?: (seen: RequestSeen) => void;
}

/** What a HubSpot account was asked since the start of the process, and what is going on. */
export interface HubspotStats extends RequestCounts {
  readonly inFlight: number;
  /** Requests left for the account today; null until HubSpot says. */
  readonly dailyRemaining: number | null;
}

/** The port, with its counters. */
export type HubspotCrm = Crm & { stats(): HubspotStats };

/** Opens no connection until the first call; the client library is loaded then, too. */
export function createHubspotCrm(options: HubspotOptions): HubspotCrm {
  const { clock, log } = options;
  const limiter = createLimiter(options);
  const circuit = new CircuitGate(options, clock, log);
  let counts = noRequests;
  const send = createRequester({
    transport: createTransport({ timeoutMs: 30_000, ...options }),
    limiter,
    circuit,
    clock,
    log,
    random: options.random ?? Math.random,
    onRequest: (seen) => {
      counts = countRequest(counts, seen);
      options.onRequest?.(seen);
    },
  });
  return {
    reachable: createReachable(circuit, send),
    ...reads(send),
    ...writes(send),
    ...definitions(send, clock),
    stats: () => ({
      ...counts,
      inFlight: limiter.inFlight,
      dailyRemaining: limiter.dailyRemaining,
    }),
  };
}

/** One limiter per account over all processes that share a store; without a store, of this process alone. */
function createLimiter(options: HubspotOptions): Limiter {
  const { shared, accountKey = "", timeoutMs = 30_000 } = options;
  return new Limiter({
    clock: options.clock,
    plan: hubspotLimits({
      burstLimit: options.burstLimit ?? 100,
      requestMs: timeoutMs,
      dailyReserve: options.dailyReserve ?? 0,
    }),
    book: shared ? storedBook(shared, limitsName(accountKey)) : privateBook(),
    holder: options.holder ?? randomUUID(),
  });
}

const accountSchema = z.object({ portalId: z.coerce.number(), timeZone: z.string().catch("UTC") });

function reads(
  send: Send,
): Pick<
  Crm,
  | "account"
  | "read"
  | "propertyTimes"
  | "associated"
  | "associations"
  | "findByValues"
  | "list"
  | "search"
> {
  return {
    account: (call?: CrmCall) =>
      readAnswer(
        send,
        { method: "GET", route: accountDetails(), lane: "objects", effect: "read" },
        accountSchema,
        call,
      ),
    read: (object, ask, call) => readRecords(send, object, ask, call),
    propertyTimes: (object, ask, call) => readPropertyTimes(send, object, ask, call),
    associated: (from, to, fromIds, call) => associatedIds(send, { from, to }, fromIds, call),
    associations: (from, to, fromIds, call) => associations(send, { from, to }, fromIds, call),
    findByValues: (object, property, ask, call) =>
      findByValues(send, object, { property, ...ask }, call),
    list: (object, ask, call) => listRecords(send, object, ask, call),
    search: (object, ask, call) => searchRecords(send, object, ask, call),
  };
}

function writes(
  send: Send,
): Pick<Crm, "update" | "upsert" | "create" | "associate" | "dissociate"> {
  return {
    update: (object, rows, call) =>
      writeRecords(
        { send, object, action: "update", keysOf: ({ record }) => [lower(record.id)] },
        rows.map(updateInput),
        twinKeyOf,
        call,
      ),
    upsert: (object, idProperty, rows, call) =>
      writeRecords(
        {
          send,
          object,
          action: "upsert",
          keysOf: ({ record }) => [lower(record.properties[idProperty] ?? "")],
        },
        rows.map((row) => upsertInput(idProperty, row)),
        twinKeyOf,
        call,
      ),
    create: (object, rows, call) =>
      writeRecords(
        { send, object, action: "create", keysOf: () => [] },
        rows.map(createInput),
        twinKeyOf,
        call,
      ),
    associate: (from, to, pairs, call) => associate(send, { from, to }, pairs, call),
    dissociate: (from, to, pairs, call) => dissociate(send, { from, to }, pairs, call),
  };
}

function definitions(
  send: Send,
  clock: Clock,
): Pick<Crm, "properties" | "createPropertyGroup" | "createProperties"> {
  return {
    properties: (object, call) => readProperties(send, object, call),
    createPropertyGroup: (object, group, call) => createGroup({ send, clock }, object, group, call),
    createProperties: (object, wanted, call) =>
      createMissing({ send, clock }, object, wanted, call),
  };
}
