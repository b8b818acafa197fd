/** Which address calls which tool: the one table behind the REST routes and the OpenAPI document. */
import { badArgument } from "../core/argument-error.ts";
import { contactFilterSchema } from "../core/selection.ts";

export interface ToolRoute {
  readonly method: "get" | "post";
  /** With `{name}` for path parameters. */
  readonly path: string;
  readonly tool: string;
  readonly summary: string;
  /** Arguments that the address itself says. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Arguments that hold where the caller does not say otherwise. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** A get whose query carries the filter's members one by one beside the tool's own arguments. */
  readonly flatFilter?: true;
  /** A post that starts work which may outlast the call: 202 with Location until it has ended. */
  readonly starts?: true;
  /** A get of one thing: 404 when the tool finds none. */
  readonly single?: true;
}

export const toolRoutes: readonly ToolRoute[] = [
  {
    method: "post",
    path: "/api/import/csv",
    tool: "import",
    summary: "Import contacts from a CSV file on the server",
    fixed: { source: "csv" },
    starts: true,
  },
  {
    method: "post",
    path: "/api/import/lemlist",
    tool: "import",
    summary: "Import leads from Lemlist",
    fixed: { source: "lemlist" },
    starts: true,
  },
  {
    method: "post",
    path: "/api/import/hubspot",
    tool: "import",
    summary: "Import contacts from HubSpot",
    fixed: { source: "hubspot" },
    starts: true,
  },
  {
    method: "post",
    path: "/api/import/records",
    tool: "import",
    summary: "Import contacts sent in the body",
    fixed: { source: "records" },
    starts: true,
  },
  {
    method: "post",
    path: "/api/enrich",
    tool: "enrich",
    summary: "Enrich contacts",
    starts: true,
  },
  {
    method: "post",
    path: "/api/sync/hubspot",
    tool: "sync",
    summary: "Sync contacts and customers with HubSpot",
    starts: true,
  },
  {
    method: "get",
    path: "/api/contacts",
    tool: "query-contacts",
    summary: "List contacts by filter and search",
    flatFilter: true,
  },
  {
    method: "get",
    path: "/api/contacts/{email}",
    tool: "query-contacts",
    summary: "One contact with the story of every field",
    single: true,
  },
  {
    method: "get",
    path: "/api/customers/{ban}",
    tool: "query-contacts",
    summary: "One customer with the story of every field",
    single: true,
  },
  {
    method: "get",
    path: "/api/conflicts",
    tool: "list-conflicts",
    summary: "Fields that wait for a person's decision, in pages",
  },
  {
    method: "post",
    path: "/api/conflicts/resolve",
    tool: "resolve-conflict",
    summary: "Resolve conflicts, several at once or by a filter with a preview",
  },
  {
    method: "post",
    path: "/api/conflicts/{conflict_id}/resolve",
    tool: "resolve-conflict",
    summary:
      "Resolve one conflict; 404 when there is none, 409 with the present values when refused",
  },
  {
    method: "post",
    path: "/api/sync/queue",
    tool: "queue-sync",
    summary: "Say that a record changed, so that it is synced soon",
  },
  {
    method: "get",
    path: "/api/jobs/{job_id}",
    tool: "job-status",
    summary: "One job, at once; waits for its end when asked by wait_seconds",
    // Who reads an address expects it to answer at once.
    defaults: { wait_seconds: 0 },
  },
  {
    method: "post",
    path: "/api/jobs/{job_id}/cancel",
    tool: "cancel-job",
    summary: "Cancel a job",
  },
  {
    method: "get",
    path: "/api/health",
    tool: "sync-health",
    summary: "How things stand, in numbers and sentences",
  },
];

/** What a request brings: path parameters, query values (repeated ones as lists), and the body's members. */
export interface RequestParts {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The tool's arguments, still undecoded: the tool itself reads text as numbers, lists and truth values. */
export function argumentsOf(route: ToolRoute, parts: RequestParts): Record<string, unknown> {
  const said = route.method === "get" ? queryArguments(route, parts.query) : parts.body;
  const addressed = { ...parts.params, ...route.fixed };
  for (const [name, value] of Object.entries(addressed)) {
    if (Object.hasOwn(said, name) && said[name] !== value) {
      throw badArgument(name, `"${name}" is said by the address already; leave it out.`);
    }
  }
  return { ...route.defaults, ...said, ...addressed };
}

function queryArguments(
  route: ToolRoute,
  query: RequestParts["query"],
): Readonly<Record<string, unknown>> {
  const values = Object.entries(query).map(
    ([name, list]) => [name, list.length === 1 ? list[0] : list] as const,
  );
  if (!route.flatFilter) return Object.fromEntries(values);
  const members = values.filter(([name]) => isFilterMember(name));
  const rest = Object.fromEntries(values.filter(([name]) => !isFilterMember(name)));
  if (members.length === 0) return rest;
  if (Object.hasOwn(rest, "filter")) {
    throw badArgument("filter", 'Give either "filter" or its members, not both.');
  }
  return { ...rest, filter: Object.fromEntries(members) };
}

function isFilterMember(name: string): boolean {
  return Object.hasOwn(contactFilterSchema.shape, name);
}
