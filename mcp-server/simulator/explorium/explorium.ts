/** An Explorium that behaves like the real one over HTTP: matching rules, limits, credits and untidy rows. */

import { Hono } from "hono";
import { businessRoutes } from "./business-routes.ts";
import { Desk, type ExploriumPatch, type ExploriumSettings, responseContext } from "./desk.ts";
import { errorBody } from "./errors.ts";
import { prospectRoutes } from "./prospect-routes.ts";

/** The key that the stand-in accepts unless another is given; it opens nothing but the stand-in. */
export const EXPLORIUM_DEMO_KEY = "explorium-demo-key";

/** Options of the stand-in: `now` in milliseconds, and any setting at its start. */
export type ExploriumOptions = Partial<ExploriumSettings> & {
  readonly now?: () => number;
  readonly apiKey?: string;
};

/** A running stand-in's handle. */
export type Explorium = {
  readonly app: Hono;
  /** What Explorium would answer with that status, for injected faults. */
  errorBody(status: number): { status: number; headers: Record<string, string>; body: string };
  /** Quota, credits and settings as at creation; ids that a match gave out stay valid. */
  reset(): void;
  configure(patch: ExploriumPatch): void;
  settings(): ExploriumSettings;
  /** The id that a match of this domain gives, or null when it never matches. */
  businessIdOf(domain: string): string | null;
  /** Credits, as plain JSON. */
  state(): { allocatedCredits: number; remainingCredits: number };
};

const DEFAULTS: ExploriumSettings = {
  quotaUnit: "entities",
  quota: { limit: 200, windowMs: 60_000 },
  rateLimitBody: "alternate",
  credits: 500_000,
  outOfCreditsBody: "details",
  costs: { match: 1, enrichment: 1, events: 1, email: 2, phone: 5 },
  rows: { reorder: true, duplicateEvery: 0, missingEvery: 0, nullEvery: 0 },
  slowMatchMs: 0,
  failingRows: ["rowerror"],
};

/** Creates a stand-in that knows a company behind every plausible domain. */
export function createExplorium(options: ExploriumOptions = {}): Explorium {
  const { now = Date.now, apiKey = EXPLORIUM_DEMO_KEY, ...given } = options;
  const desk = new Desk({ apiKey, now, settings: { ...DEFAULTS, ...given } });
  const app = new Hono();
  app.route("/v1/businesses", businessRoutes(desk));
  app.route("/v1/prospects", prospectRoutes(desk));
  app.get("/v1/credits", (c) =>
    desk.read(c, () => ({
      response_context: responseContext(true),
      allocated_credits: desk.settings.credits,
      remaining_credits: desk.remainingCredits,
    })),
  );
  app.notFound((c) => c.json({ detail: "Not Found" }, 404));
  return {
    app,
    errorBody,
    reset: () => desk.reset(),
    configure: (patch) => desk.configure(patch),
    settings: () => desk.settings,
    businessIdOf: (domain) => desk.directory.matchCompany({ domain })?.id ?? null,
    state: () => ({
      allocatedCredits: desk.settings.credits,
      remainingCredits: desk.remainingCredits,
    }),
  };
}
