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

/** How many rows a request body carries, null when it is no batch. */
export function countInputs(body: string): number | null {
  if (!ROW_FIELDS.some((field) => body.includes(`"${field}"`))) return null;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return null;
    const rows = Object.entries(parsed).find(
      ([name, value]) => ROW_FIELDS.some((field) => field === name) && Array.isArray(value),
    );
    return rows === undefined ? null : rows[1].length;
  } catch {
    return null;
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
