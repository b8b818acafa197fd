/** Opens the input that a request names, with the source that its kind needs. */
import { AppError } from "../core/errors.ts";
import type { ImportRequest, OpenedSource, OpenSource, Resume } from "../ports/sources.ts";

/** Opens one kind of input. */
export type Opener<Kind extends ImportRequest["source"]> = (
  request: Extract<ImportRequest, { source: Kind }>,
  resume: Resume,
) => Promise<OpenedSource>;

export interface Sources {
  readonly csv: Opener<"csv">;
  readonly records: Opener<"records">;
  /** null = not configured. */
  readonly lemlist: Opener<"lemlist"> | null;
  /** null = not configured. */
  readonly hubspot: Opener<"hubspot"> | null;
}

/** One door to all sources; a source without its key throws `input` naming the variable to set. */
export function createOpenSource({ csv, records, lemlist, hubspot }: Sources): OpenSource {
  return async (request, resume) => {
    switch (request.source) {
      case "csv":
        return csv(request, resume);
      case "records":
        return records(request, resume);
      case "lemlist":
        if (lemlist === null) throw notConfigured("Lemlist", "LEMLIST_API_KEY");
        return lemlist(request, resume);
      case "hubspot":
        if (hubspot === null) throw notConfigured("HubSpot", "HUBSPOT_ACCESS_TOKEN");
        return hubspot(request, resume);
    }
  };
}

function notConfigured(name: string, variable: string): AppError {
  return new AppError("input", `Importing from ${name} is off: set ${variable} and restart.`, {
    code: "NOT_CONFIGURED",
    details: { variable },
  });
}
