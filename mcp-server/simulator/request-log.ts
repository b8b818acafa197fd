/** What every service was asked and answered: tests and benchmarks count requests here. */

/** The stand-ins. */
export type Service = "hubspot" | "lemlist" | "explorium" | "anthropic";

/** One request. Times in ms; `status` and `durationMs` null while it is unanswered. */
export type LogEntry = {
  readonly id: number;
  readonly service: Service;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  status: number | null;
  durationMs: number | null;
  readonly requestBytes: number;
  /** Rows in a batch body; null when the body is no batch. */
  readonly inputs: number | null;
  /** Names of the record properties that the body sets, sorted; null when it sets none. */
  readonly properties: readonly string[] | null;
  /** Name of the fault that hit it, null when none did. */
  readonly fault: string | null;
  readonly body?: string;
};

/** Which entries to list. `since` in ms, `path` a substring. */
export type LogQuery = { service?: string; since?: number; path?: string };

/** The log. It keeps the latest entries only, far more than a benchmark needs. */
export type RequestLog = {
  /** Notes a request; the returned entry is completed once it is answered. */
  open(entry: Omit<LogEntry, "id" | "status" | "durationMs">): LogEntry;
  /** Matching entries, oldest first. */
  list(query?: LogQuery): LogEntry[];
  /** Number of matching entries. */
  count(query?: LogQuery): number;
  clear(): void;
};

const KEPT = 200_000;

/** Bodies that hold rows, by the field that holds them. */
const ROW_FIELDS = [
  "inputs",
  "businesses_to_match",
  "prospects_to_match",
  "business_ids",
  "prospect_ids",
  "requests",
] as const;

/** What the log tells of a body, kept or not: it names properties but no values. */
export type BodyFacts = Pick<LogEntry, "inputs" | "properties">;

const NOTHING: BodyFacts = { inputs: null, properties: null };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The rows of a batch body, null when the body is no batch. */
function rowsOf(body: Record<string, unknown>): readonly unknown[] | null {
  for (const field of ROW_FIELDS) {
    const rows = body[field];
    if (Array.isArray(rows)) return rows;
  }
  return null;
}

/** Reads hold lists of names under `properties`, writes hold values by name. */
function propertiesSet(rows: readonly unknown[]): readonly string[] | null {
  const names = new Set<string>();
  for (const row of rows) {
    const given = isObject(row) ? row["properties"] : undefined;
    if (isObject(given)) for (const name of Object.keys(given)) names.add(name);
  }
  return names.size === 0 ? null : [...names].sort();
}

/** How many rows a request body carries and which properties it sets. */
export function bodyFacts(body: string): BodyFacts {
  if (body === "") return NOTHING;
  try {
    const parsed: unknown = JSON.parse(body);
    if (!isObject(parsed)) return NOTHING;
    const rows = rowsOf(parsed);
    return { inputs: rows?.length ?? null, properties: propertiesSet(rows ?? [parsed]) };
  } catch {
    return NOTHING;
  }
}

function matches(entry: LogEntry, query: LogQuery): boolean {
  if (query.service !== undefined && entry.service !== query.service) return false;
  if (query.since !== undefined && entry.at < query.since) return false;
  return query.path === undefined || entry.path.includes(query.path);
}

/** An empty log. */
export function createRequestLog(): RequestLog {
  let entries: LogEntry[] = [];
  let lastId = 0;
  const list = (query: LogQuery = {}) => entries.filter((entry) => matches(entry, query));
  return {
    open: (given) => {
      lastId += 1;
      const entry: LogEntry = { id: lastId, ...given, status: null, durationMs: null };
      entries.push(entry);
      if (entries.length > KEPT * 1.1) entries = entries.slice(-KEPT);
      return entry;
    },
    list,
    count: (query) => list(query).length,
    clear: () => {
      entries = [];
    },
  };
}
