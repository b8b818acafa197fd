/** What tells HubSpot accounts apart on one database. */
import { createHash } from "node:crypto";
import type { Config } from "./config.ts";

/** Tells accounts apart without keeping the token. */
export function accountKey(config: Config): string {
  const token = config.HUBSPOT_ACCESS_TOKEN?.reveal() ?? "";
  return createHash("sha256")
    .update(`${config.HUBSPOT_BASE_URL}\n${token}`)
    .digest("hex")
    .slice(0, 16);
}
