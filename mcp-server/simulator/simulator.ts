/** Starts all stand-ins, each on its own loopback port, with faults, request log and control port. */
import {
  ANTHROPIC_DEMO_KEY,
  type Anthropic,
  type AnthropicOptions,
  createAnthropic,
} from "./anthropic/anthropic.ts";
import { createControl } from "./control.ts";
import {
  createExplorium,
  EXPLORIUM_DEMO_KEY,
  type Explorium,
  type ExploriumOptions,
} from "./explorium/explorium.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHubspot, type Hubspot, type HubspotOptions } from "./hubspot/hubspot.ts";
import { DEMO_CLIENT_SECRET } from "./hubspot/settings.ts";
import {
  createLemlist,
  LEMLIST_DEMO_KEY,
  type Lemlist,
  type LemlistOptions,
} from "./lemlist/lemlist.ts";
import { createRequestLog, type RequestLog, type Service } from "./request-log.ts";
import { type Listening, listen, type StandIn } from "./server.ts";

/** Ports by service; 0 or absent takes any free one. */
export type Ports = Partial<Record<Service | "control", number>>;

/** How to start. `now` in ms serves every stand-in that is not given its own. */
export type SimulatorOptions = {
  ports?: Ports;
  now?: () => number;
  hubspot?: HubspotOptions;
  lemlist?: LemlistOptions;
  explorium?: ExploriumOptions;
  anthropic?: AnthropicOptions;
  /** Keep request bodies in the log. */
  logBodies?: boolean;
  /** Load the demo data into HubSpot and Lemlist. */
  seedDemo?: boolean;
};

/** A running simulator: where it listens, which keys it takes, and its insides. */
export type Simulator = {
  readonly hubspotUrl: string;
  /** Ends in `/api`, as Lemlist's base URL does. */
  readonly lemlistUrl: string;
  /** Ends in `/v1`, as Explorium's base URL does. */
  readonly exploriumUrl: string;
  readonly anthropicUrl: string;
  readonly controlUrl: string;
  readonly hubspotToken: string;
  /** Signs webhooks unless a subscription brings its own. */
  readonly hubspotClientSecret: string;
  readonly lemlistKey: string;
  readonly exploriumKey: string;
  readonly anthropicKey: string;
  readonly hubspot: Hubspot;
  readonly lemlist: Lemlist;
  readonly explorium: Explorium;
  readonly anthropic: Anthropic;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Stops listening and breaks open connections, unanswered ones included. */
  close(): Promise<void>;
};

type StandIns = { hubspot: Hubspot; lemlist: Lemlist; explorium: Explorium; anthropic: Anthropic };

const SERVICES = ["hubspot", "lemlist", "explorium", "anthropic"] as const;

function createStandIns(options: SimulatorOptions): StandIns {
  const clock = options.now === undefined ? {} : { now: options.now };
  return {
    hubspot: createHubspot({ ...clock, ...options.hubspot }),
    lemlist: createLemlist({ ...clock, ...options.lemlist }),
    explorium: createExplorium({ ...clock, ...options.explorium }),
    anthropic: createAnthropic({ ...clock, ...options.anthropic }),
  };
}

/** Starts listening one after the other; what already listens is closed when one fails. */
async function listenAll(starts: readonly (() => Promise<Listening>)[]): Promise<Listening[]> {
  const listening: Listening[] = [];
  try {
    for (const start of starts) listening.push(await start());
    return listening;
  } catch (cause) {
    await Promise.all(listening.map((one) => one.close()));
    throw cause;
  }
}

function starters(
  standIns: StandIns,
  around: { faults: Faults; requests: RequestLog },
  options: SimulatorOptions,
): (() => Promise<Listening>)[] {
  const { logBodies = false, now = Date.now, ports = {} } = options;
  const services = SERVICES.map((service) => () => {
    const standIn: StandIn = standIns[service];
    const { app, errorBody } = standIn;
    return listen(app, ports[service] ?? 0, { service, errorBody, ...around, logBodies, now });
  });
  const control = createControl({ ...standIns, ...around });
  return [...services, () => listen(control, ports.control ?? 0, null)];
}

/** Starts everything. Rejects when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const standIns = createStandIns(options);
  if (options.seedDemo === true) {
    standIns.hubspot.seedDemo();
    standIns.lemlist.seedDemo();
  }
  const around = { faults: createFaults(), requests: createRequestLog() };
  const listening = await listenAll(starters(standIns, around, options));
  const [hubspot = "", lemlist = "", explorium = "", anthropic = "", control = ""] = listening.map(
    ({ url }) => url,
  );
  return {
    hubspotUrl: hubspot,
    lemlistUrl: `${lemlist}/api`,
    exploriumUrl: `${explorium}/v1`,
    anthropicUrl: anthropic,
    controlUrl: control,
    hubspotToken: standIns.hubspot.settings().token,
    hubspotClientSecret: DEMO_CLIENT_SECRET,
    lemlistKey: options.lemlist?.apiKey ?? LEMLIST_DEMO_KEY,
    exploriumKey: options.explorium?.apiKey ?? EXPLORIUM_DEMO_KEY,
    anthropicKey: options.anthropic?.apiKey ?? ANTHROPIC_DEMO_KEY,
    ...standIns,
    ...around,
    close: async () => {
      standIns.hubspot.webhooks.unsubscribe();
      await Promise.all(listening.map((one) => one.close()));
    },
  };
}
