/** The sync benchmark: enriched contacts of a fifth as many companies into a HubSpot that has some of them. */
import type { App } from "../src/app.ts";
import type { ContactFields } from "../src/core/contact.ts";
import { seedContacts } from "./seeded-contacts.ts";
import { measuredSync, range, type SyncRig, syncFigures, withSyncRig } from "./sync-rig.ts";

export interface SyncBenchOptions {
  readonly contacts: number;
  readonly companies: number;
  /** Requests per 10 s that HubSpot allows and the program may use. */
  readonly burstLimit: number;
  /** Share of contacts and companies that HubSpot already has. */
  readonly existing: number;
}

/** Figures of a first sync and of a second one with nothing changed. `floor_requests` is the least that HubSpot's batch sizes allow for this work. */
export async function benchSync(options: SyncBenchOptions): Promise<Record<string, unknown>> {
  return withSyncRig({ burstLimit: options.burstLimit, cap: options.contacts }, async (rig) => {
    await seedBothSides(rig, options);
    const first = syncFigures(await measuredSync(rig), options);
    const second = syncFigures(await measuredSync(rig), options);
    const { contacts, companies, notes } = rig.simulator.hubspot.counts();
    return {
      ...options,
      first: { ...first, floor_requests: floorRequests(options) },
      second: { ...second, floor_requests: 0 },
      hubspot: { contacts, companies, notes },
    };
  });
}

/** Contacts here, some of them and of their companies in HubSpot, and nothing synced yet. */
export async function seedBothSides(
  { app, simulator }: SyncRig,
  options: SyncBenchOptions,
): Promise<void> {
  const { contacts, companies, existing } = options;
  simulator.hubspot.seedCompanies(
    range(Math.floor(companies * existing)).map((n) => ({
      domain: domainOf(n),
      name: `Company ${n}`,
    })),
  );
  simulator.hubspot.seedContacts(
    range(Math.floor(contacts * existing)).map((n) => ({
      email: emailOf(n, companies),
      firstname: "Pat",
      lastname: `Number ${n}`,
    })),
  );
  await seedOurs(app, options);
  // The search index must know the seeded companies, as it knows companies people made long ago.
  const { searchLagMs } = simulator.hubspot.settings();
  await new Promise((resolve) => setTimeout(resolve, searchLagMs + 100));
}

const domainOf = (company: number): string => `company-${company}.com`;
const emailOf = (contact: number, companies: number): string =>
  `person-${contact}@${domainOf(contact % companies)}`;

async function seedOurs(app: App, { contacts, companies }: SyncBenchOptions): Promise<void> {
  const enriched = {
    status: "enriched",
    enriched_at: new Date().toISOString(),
    quality_score: 80,
    intelligence: {
      summary: "A mid-sized firm that is hiring in sales.",
      pain_points: ["Sales and finance keep separate customer lists"],
      personalization_hooks: ["They opened a new office this spring"],
      confidence: 0.7,
      evidence_ids: ["F1"],
      model: "bench",
    },
  } as const;
  await seedContacts(app, contacts, {
    fieldsOf: (n) => fieldsOf(n, companies),
    enrichmentOf: () => enriched,
  });
}

function fieldsOf(n: number, companies: number): ContactFields {
  return {
    email: emailOf(n, companies),
    first_name: "Pat",
    last_name: `Number ${n}`,
    company: `Company ${n % companies}`,
    domain: domainOf(n % companies),
    job_title: "Head of Finance",
    phone: null,
    country: "DE",
    city: "Berlin",
    website: domainOf(n % companies),
    linkedin_url: null,
    custom: null,
    email_status: null,
    engagement_state: null,
    unsubscribed: false,
  };
}

/** One read, one write and one note per 100 contacts, one write per 100 new companies, one association call per 2,000. */
function floorRequests({ contacts, companies, existing }: SyncBenchOptions): number {
  const batches = Math.ceil(contacts / 100);
  return 3 * batches + Math.ceil((companies * (1 - existing)) / 100) + Math.ceil(contacts / 2_000);
}
