/** The environment that points a server at a running simulator. */
import type { Simulator } from "./simulator.ts";

/** Addresses and keys by the names of the server's environment variables. */
export function environmentOf(simulator: Simulator): Record<string, string> {
  return {
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_CLIENT_SECRET: simulator.hubspotClientSecret,
    LEMLIST_BASE_URL: simulator.lemlistUrl,
    LEMLIST_API_KEY: simulator.lemlistKey,
    EXPLORIUM_BASE_URL: simulator.exploriumUrl,
    EXPLORIUM_API_KEY: simulator.exploriumKey,
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    ANTHROPIC_API_KEY: simulator.anthropicKey,
  };
}
