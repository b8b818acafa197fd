/** Keeps requests from leaving while HubSpot is dead or refuses the token, for all processes of a database together. */
import {
  answered,
  type Circuit,
  closedCircuit,
  entry,
  FAILURES_TO_OPEN,
  notSent,
  opened,
  probing,
  readCircuit,
  refused,
} from "../core/circuit.ts";
import type { SharedStore } from "../ports/shared-store.ts";
import type { Clock, Log } from "../ports/world.ts";

/** Where the circuit is kept. Without a store it is this process's own. */
export interface CircuitPlace {
  readonly shared?: Pick<SharedStore, "get" | "change"> | undefined;
  /** Tells accounts and tokens apart, so that a new token begins anew. */
  readonly accountKey?: string | undefined;
}

/** What a request knew when it left; needed to judge how it ended. */
export interface Pass {
  readonly isProbe: boolean;
  /** Failures in a row that this process had seen by then. */
  readonly failures: number;
}

interface Change<T> {
  readonly circuit: Circuit;
  readonly result: T;
}

// What other processes found out is heard of this late; a healthy request then costs no look at the store.
const FRESH_MS = 1_000;

/** The name of the shared value of an account. */
export function circuitName(accountKey: string): string {
  return `circuit:${accountKey}`;
}

/** The gate of one account. */
export class CircuitGate {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #shared: CircuitPlace["shared"];
  readonly #name: string;
  #circuit: Circuit = closedCircuit;
  #readAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #isFresh = true;

  constructor({ shared, accountKey = "" }: CircuitPlace, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#shared = shared;
    this.#name = circuitName(accountKey);
  }

  /** Throws what `enter` would throw, without taking the turn to probe; `probe` when a request that leaves now would be one. */
  async check(): Promise<"go" | "probe"> {
    const now = this.#clock.now();
    await this.#refresh(now);
    const turn = entry(this.#circuit, now, this.#isFresh);
    if (turn.kind === "wait") throw notSent(this.#circuit, turn.waitMs);
    return turn.kind;
  }

  /** Resolves when a request may leave. Throws `unavailable` HUBSPOT_CIRCUIT_OPEN or `auth`, with the wait until the next try. */
  async enter(): Promise<Pass> {
    await this.check();
    const failures = this.#failures;
    if (this.#circuit.state === "closed") {
      this.#isFresh = false;
      return { isProbe: false, failures };
    }
    const now = this.#clock.now();
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    // Of several that find it due one goes: the others decide by what the first left.
    const turn = await this.#change((circuit) => {
      const result = entry(circuit, now, isFresh);
      return { result, circuit: result.kind === "probe" ? probing(circuit, now) : circuit };
    });
    if (turn.kind === "wait") throw notSent(this.#circuit, turn.waitMs);
    return { isProbe: turn.kind === "probe", failures };
  }

  /** HubSpot answered, whatever it said. */
  async answered({ isProbe }: Pass): Promise<void> {
    this.#failures = 0;
    if (this.#circuit.state === "closed") return;
    const was = this.#circuit;
    const now = await this.#become((circuit) => answered(circuit, isProbe));
    if (now.state === "closed") this.#log.info({ code: was.code }, "HubSpot answers again");
  }

  /**
   * No answer came, or one that says that HubSpot is not there.
   *
   * @param waitMs how long it wants to be left alone, longer than a request waits; null when it does not say
   */
  async failed(pass: Pass, code: string, waitMs: number | null): Promise<void> {
    // Requests in flight together fail together: one fault.
    if (pass.failures >= this.#failures) this.#failures += 1;
    const { isProbe } = pass;
    if (!isProbe && waitMs === null && this.#failures < FAILURES_TO_OPEN) return;
    const now = this.#clock.now();
    const before = this.#circuit;
    const circuit = await this.#become((known) => opened(known, now, { code, isProbe, waitMs }));
    if (circuit.state === "closed") return;
    const fields = { code: circuit.code, nextTryInMs: circuit.nextTryAt - now };
    if (before.state === "closed")
      this.#log.error(fields, "HubSpot does not answer: nothing more is sent until it does");
    else this.#log.debug(fields, "HubSpot still does not answer");
  }

  /** HubSpot refused the token. */
  async refused(code: string): Promise<void> {
    const now = this.#clock.now();
    const before = this.#circuit;
    await this.#become((known) => refused(known, now, code));
    if (before.state === "auth") return;
    this.#log.error(
      { code },
      "HubSpot refused the access token: nothing more is sent with it until it is mended",
    );
  }

  async #refresh(now: number): Promise<void> {
    const age = now - this.#readAt;
    if (!this.#shared || (age >= 0 && age < FRESH_MS)) return;
    this.#readAt = now;
    this.#circuit = readCircuit(await this.#shared.get(this.#name));
  }

  #become(next: (circuit: Circuit) => Circuit): Promise<Circuit> {
    return this.#change((circuit) => {
      const result = next(circuit);
      return { result, circuit: result };
    });
  }

  async #change<T>(decide: (circuit: Circuit) => Change<T>): Promise<T> {
    if (!this.#shared) {
      const { circuit, result } = decide(this.#circuit);
      this.#circuit = circuit;
      return result;
    }
    const now = this.#clock.now();
    const changed = await this.#shared.change(
      this.#name,
      (value): { readonly value: string | null; readonly result: Change<T> } => {
        const known = readCircuit(value);
        const change = decide(known);
        return {
          value: change.circuit === known ? value : JSON.stringify(change.circuit),
          result: change,
        };
      },
      new Date(now).toISOString(),
    );
    this.#circuit = changed.circuit;
    this.#readAt = now;
    return changed.result;
  }
}
