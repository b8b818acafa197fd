/** The `resolve-conflict` tool: a person's decision about fields that wait for one. */
import { resolveOutput } from "./resolve-answer.ts";
import { resolveInput } from "./resolve-arguments.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

/** Ends conflicts by decisions; the sync then carries them to both sides by its ordinary rules. */
export function resolveConflictTool(services: ToolServices): Tool {
  return defineTool({
    name: "resolve-conflict",
    title: "Resolve conflicts",
    description:
      "Decide a field of list-conflicts: keep_local, keep_hubspot, or set another value. Give conflict_id and version as shown there, " +
      "or up to 100 in resolutions, or a filter for all open ones that match. " +
      "Each is resolved or refused by itself; one that changed since is refused (STALE_CONFLICT) with the values of now. " +
      "A filter is never carried out unseen: the client asks its person, or else the call answers a preview, and the same call with its plan_id " +
      "within 15 minutes resolves exactly that or answers PLAN_STALE. " +
      "The next sync brings the value to both sides, as next says; a newer edit in HubSpot reopens the conflict. " +
      "Do not use it to edit fields without a conflict, or to guess: ask the person which value is right.",
    input: resolveInput,
    output: resolveOutput,
    annotations: {
      readOnlyHint: false,
      // The value that is not kept gives way on its side.
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async (args, context) => {
      // Comparing values takes the libraries of phones and countries, which a start must not wait for.
      const { resolveConflicts } = await import("./resolve-call.ts");
      return await resolveConflicts(services, args, context);
    },
  });
}
