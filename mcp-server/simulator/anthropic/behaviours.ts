/** Behaviours that tests switch on: each applies to a number of requests, or to requests that mention a text. */

/** What the stand-in can do instead of answering well. */
export type BehaviourName =
  | "refuse"
  | "truncate"
  | "invalid"
  | "bad-evidence"
  | "url-in-text"
  | "rate-limit"
  | "overloaded"
  | "spend-cap"
  | "spend-limit";

/** A behaviour: for that many requests (null: until cleared) whose text contains `match` (null: any). */
export type Behaviour = {
  readonly name: BehaviourName;
  readonly times: number | null;
  readonly match: string | null;
};

/** A behaviour as a caller states it; once and for any request unless said otherwise. */
export type BehaviourInput = {
  readonly name: BehaviourName;
  readonly times?: number | null;
  readonly match?: string | null;
};

// Those that answer with an HTTP error; a batch reports its requests' outcomes in its results instead.
const HTTP_ONLY: ReadonlySet<BehaviourName> = new Set([
  "rate-limit",
  "overloaded",
  "spend-cap",
  "spend-limit",
]);

/** The behaviours that are switched on, in order. */
export class Behaviours {
  #active: Behaviour[] = [];

  /** Switches one on. */
  add(input: BehaviourInput): void {
    const { name, times = 1, match = null } = input;
    this.#active.push({ name, times, match });
  }

  /** Switches all off. */
  clear(): void {
    this.#active = [];
  }

  /** Those still to come. */
  list(): readonly Behaviour[] {
    return this.#active;
  }

  /** The first behaviour that fits a request of its own, used up by one. */
  takeForRequest(text: string): BehaviourName | null {
    return this.#take(text, () => true);
  }

  /** The first behaviour that fits a request inside a batch, used up by one. */
  takeForBatchItem(text: string): BehaviourName | null {
    return this.#take(text, (name) => !HTTP_ONLY.has(name));
  }

  #take(text: string, isWanted: (name: BehaviourName) => boolean): BehaviourName | null {
    const found = this.#active.find(
      ({ name, match }) => isWanted(name) && (match === null || text.includes(match)),
    );
    if (found === undefined) return null;
    const times = found.times === null ? null : found.times - 1;
    const rest = times === 0 ? [] : [{ ...found, times }];
    this.#active = this.#active.flatMap((each) => (each === found ? rest : [each]));
    return found.name;
  }
}
