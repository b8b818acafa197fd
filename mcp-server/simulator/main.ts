/** `npm run simulator`: starts all stand-ins on fixed ports and says how to point the server at them. */
import { parseArgs } from "node:util";
import { environmentOf } from "./environment.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

const USAGE = `Usage: npm run simulator -- [options]

  --port-base N        first of the ports (default 4010): HubSpot N, Lemlist N+1, Explorium N+2,
                       Anthropic N+3, control N+9
  --hubspot-port N     and likewise --lemlist-port, --explorium-port, --anthropic-port, --control-port
  --seed-demo          load the demo contacts, companies and campaigns
  --search-lag-ms N    how long writes stay invisible to HubSpot's search (default 3000)
  --burst-limit N      HubSpot requests per 10 s (default 100)
  --webhook-url URL    send webhooks there, e.g. http://127.0.0.1:8787/webhooks/hubspot
  --log-bodies         keep request bodies in the request log
  --help               this text`;

const { values } = parseArgs({
  options: {
    "port-base": { type: "string", default: "4010" },
    "hubspot-port": { type: "string" },
    "lemlist-port": { type: "string" },
    "explorium-port": { type: "string" },
    "anthropic-port": { type: "string" },
    "control-port": { type: "string" },
    "seed-demo": { type: "boolean", default: false },
    "search-lag-ms": { type: "string", default: "3000" },
    "burst-limit": { type: "string", default: "100" },
    "webhook-url": { type: "string" },
    "log-bodies": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function portOf(given: string | undefined, offset: number): number {
  const base = Number(values["port-base"]);
  return given === undefined ? base + (base === 0 ? 0 : offset) : Number(given);
}

function addresses(simulator: Simulator): Record<string, string> {
  return {
    hubspotUrl: simulator.hubspotUrl,
    lemlistUrl: simulator.lemlistUrl,
    exploriumUrl: simulator.exploriumUrl,
    anthropicUrl: simulator.anthropicUrl,
    controlUrl: simulator.controlUrl,
    hubspotToken: simulator.hubspotToken,
    hubspotClientSecret: simulator.hubspotClientSecret,
    lemlistKey: simulator.lemlistKey,
    exploriumKey: simulator.exploriumKey,
    anthropicKey: simulator.anthropicKey,
  };
}

function announce(simulator: Simulator): void {
  const exports = Object.entries(environmentOf(simulator))
    .map(([name, value]) => `  export ${name}=${value}`)
    .join("\n");
  console.log(JSON.stringify(addresses(simulator)));
  console.log(`
The simulator is running. Point hubspot-sync at it:

${exports}

Faults, settings, requests and state: ${simulator.controlUrl}
Ctrl-C stops it.`);
}

async function run(): Promise<void> {
  const simulator = await startSimulator({
    ports: {
      hubspot: portOf(values["hubspot-port"], 0),
      lemlist: portOf(values["lemlist-port"], 1),
      explorium: portOf(values["explorium-port"], 2),
      anthropic: portOf(values["anthropic-port"], 3),
      control: portOf(values["control-port"], 9),
    },
    hubspot: {
      settings: {
        searchLagMs: Number(values["search-lag-ms"]),
        burstLimit: Number(values["burst-limit"]),
      },
    },
    seedDemo: values["seed-demo"],
    logBodies: values["log-bodies"],
  });
  const targetUrl = values["webhook-url"];
  if (targetUrl !== undefined) simulator.hubspot.webhooks.subscribe({ targetUrl, auto: true });
  announce(simulator);
  const stop = () => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

if (values.help) console.log(USAGE);
else
  run().catch((failure: unknown) => {
    console.error(`The simulator did not start: ${String(failure)}`);
    process.exitCode = 1;
  });
