/** A circuit breaker as a pure value: whether requests may leave, and when somebody tries again whether they may. */
import { z } from "zod";
import { AppError } from "./errors.ts";

/**
 * `closed`: requests leave. `open`: the other side does not answer, so that nothing leaves before `nextTryAt`, when a single request, the probe, finds
 * out. `auth`: likewise, because it refused the token. All processes share it. Times in milliseconds since the epoch.
 */
export type Circuit =
  | { readonly state: "closed" }
  | {
      readonly state: "open" | "auth";
      readonly code: string;
      readonly since: number;
      readonly nextTryAt: number;
      /** How long it rests after a probe that fails, in milliseconds. */
      readonly restMs: number;
    };

type Broken = Exclude<Circuit, { state: "closed" }>;

/** Whether a request may leave. `probe`: it may, once it is noted that it does. */
export type Entry =
  | { readonly kind: "go" }
  | { readonly kind: "probe" }
  | { readonly kind: "wait"; readonly waitMs: number };

/** So many failures, each of a request that left after the one before had failed: a short fault that hits many requests in flight is one. */
export const FAILURES_TO_OPEN = 5;
/** Code of the error of requests that were not sent because nothing answers. */
export const CIRCUIT_OPEN = "HUBSPOT_CIRCUIT_OPEN";

const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 5 * 60_000;
// A refused token is mended by a person: rarely enough to bother nobody, often enough to notice.
const AUTH_REST_MS = 15 * 60_000;
// HubSpot docs, error handling: a migration asks for up to 24 hours (read 2026-04). A clock that was set back must not make it more.
const LONGEST_WAIT_MS = 24 * 60 * 60_000;
// Longer than a request may take: a prober that is killed holds the others up for no longer.
const PROBE_MS = 45_000;

export const closedCircuit: Circuit = { state: "closed" };

const stored = z.object({
  state: z.enum(["open", "auth"]),
  code: z.string(),
  since: z.number(),
  nextTryAt: z.number(),
  restMs: z.number(),
});

/** What is kept, read; null or unreadable text is a closed circuit. */
export function readCircuit(json: string | null): Circuit {
  if (json === null) return closedCircuit;
  try {
    return stored.safeParse(JSON.parse(json)).data ?? closedCircuit;
  } catch {
    // Whoever spoilt the value, asking HubSpot tells how things are.
    return closedCircuit;
  }
}

/** How the circuit stands, for people and metrics; times in milliseconds since the epoch, all null while it is closed. */
export interface CircuitView {
  readonly state: Circuit["state"];
  readonly since: number | null;
  readonly nextTryAt: number | null;
  readonly code: string | null;
}

/** The view of a kept value. A next try that is overdue is one for now. */
export function circuitState(json: string | null, now: number): CircuitView {
  const circuit = readCircuit(json);
  if (circuit.state === "closed")
    return { state: "closed", since: null, nextTryAt: null, code: null };
  const { state, code, since } = circuit;
  return { state, code, since, nextTryAt: now + waitMsOf(circuit, now) };
}

/** @param isFresh this process has sent nothing yet: a restart may mean that the token was mended */
export function entry(circuit: Circuit, now: number, isFresh: boolean): Entry {
  if (circuit.state === "closed") return { kind: "go" };
  const waitMs = waitMsOf(circuit, now);
  if (waitMs === 0 || (isFresh && circuit.state === "auth")) return { kind: "probe" };
  return { kind: "wait", waitMs };
}

function waitMsOf({ nextTryAt }: Broken, now: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(0, nextTryAt - now));
}

/** A probe leaves: the others wait for what it finds. */
export function probing(circuit: Circuit, now: number): Circuit {
  return circuit.state === "closed" ? circuit : { ...circuit, nextTryAt: now + PROBE_MS };
}

/**
 * Nothing answers. A circuit that was open rests longer; one that others opened meanwhile stays as they left it.
 *
 * @param how `isProbe`: a probe failed; `waitMs`: how long the other side wants to be left alone, null when it does not say
 */
export function opened(
  circuit: Circuit,
  now: number,
  how: { readonly code: string; readonly isProbe: boolean; readonly waitMs: number | null },
): Circuit {
  const { code, isProbe, waitMs } = how;
  const rests = (since: number, restMs: number): Circuit => {
    const nextTryAt = now + Math.min(LONGEST_WAIT_MS, waitMs ?? restMs);
    return { state: "open", code, since, nextTryAt, restMs: Math.min(LONGEST_REST_MS, restMs * 2) };
  };
  if (circuit.state === "closed") return rests(now, FIRST_REST_MS);
  // A dead line does not tell that the token is good again: what is known of it stays.
  if (circuit.state === "auth") return isProbe ? refused(circuit, now, circuit.code) : circuit;
  return isProbe || waitMs !== null ? rests(circuit.since, circuit.restMs) : circuit;
}

/** The token was refused: nothing leaves with it. */
export function refused(circuit: Circuit, now: number, code: string): Circuit {
  const since = circuit.state === "auth" ? circuit.since : now;
  return { state: "auth", code, since, nextTryAt: now + AUTH_REST_MS, restMs: AUTH_REST_MS };
}

/** Something answered. Only a probe says that a token is good again: what was under way may have been let through before it was refused. */
export function answered(circuit: Circuit, isProbe: boolean): Circuit {
  return circuit.state === "auth" && !isProbe ? circuit : closedCircuit;
}

/** The error of a request that was not sent. @param waitMs until the next try, in milliseconds */
export function notSent(circuit: Circuit, waitMs: number): AppError {
  if (circuit.state === "auth") {
    return new AppError(
      "auth",
      "HubSpot refused the access token, so nothing more is sent with it. Correct HUBSPOT_ACCESS_TOKEN and restart; until then one request every 15 minutes tries it again.",
      { code: circuit.code, retryAfterMs: waitMs },
    );
  }
  return new AppError(
    "unavailable",
    "HubSpot has not answered for a while, so nothing is sent for now. It is tried again by itself, and what waits goes out once it answers.",
    { code: CIRCUIT_OPEN, retryAfterMs: waitMs },
  );
}
