/** Whether what a call has made due goes to HubSpot by itself. */
import type { ToolServices } from "./tool.ts";

/** What a person has to do so that it goes; null when it goes by itself. */
export function waitsFor({
  capabilities,
  sendsByItself,
}: Pick<ToolServices, "capabilities" | "sendsByItself">): string | null {
  if (!capabilities.hubspot)
    return "It waits: set HUBSPOT_ACCESS_TOKEN and restart to switch sync on.";
  return sendsByItself
    ? null
    : "It waits for the next sync: call sync, because AUTO_SYNC_AFTER_ENRICH is off and nothing is sent by itself.";
}
