/**
 * Remembers for a few minutes what this process read of HubSpot's companies, so that a balance that changes every second costs one request each
 * time instead of two. It is a hint and no truth: whoever plans from it says so, and reads again unless the plan is certain all the same.
 */
import { READ_BACK_MS } from "../core/read-back.ts";
import type { Signal } from "../core/signal.ts";
import type { Crm, CrmRecord, WriteOutcome } from "../ports/crm.ts";
import type { Clock } from "../ports/world.ts";

/** What is remembered. Local records are kept apart from this: entries go by HubSpot's ids. */
export interface ReadBack {
  /** The properties of a company as far as they are remembered; null when nothing is, or for too long. */
  company(id: string): CrmRecord["properties"] | null;
}

/** A HubSpot whose reads and writes are remembered. */
export interface Remembering {
  readonly crm: Crm;
  readonly readBack: ReadBack;
  /** Forgets what HubSpot says has changed. */
  readonly heard: (signals: readonly Signal[]) => void;
}

// A few kilobytes each.
const MAX_RECORDS = 10_000;

/** Wraps HubSpot. Everything else of it goes through unchanged. */
export function rememberReads(crm: Crm, clock: Clock): Remembering {
  const memory = new Memory(clock);
  return {
    crm: {
      ...crm,
      read: async (object, ask, call) => {
        if (object !== "companies" || ask.archived === true) return crm.read(object, ask, call);
        const began = memory.moment();
        const answer = await crm.read(object, ask, call);
        memory.keep(answer.found, began);
        return answer;
      },
      update: async (object, inputs, call) => {
        if (object !== "companies") return crm.update(object, inputs, call);
        const ids = new Map(inputs.map(({ ref, id }) => [ref, id]));
        const outcomes = await undoubted(memory, [...ids.values()], () =>
          crm.update(object, inputs, call),
        );
        for (const outcome of outcomes) memory.wrote(ids.get(outcome.ref) ?? "", outcome);
        return outcomes;
      },
      upsert: async (object, idProperty, inputs, call) => {
        const outcomes = await crm.upsert(object, idProperty, inputs, call);
        for (const outcome of outcomes)
          if (object === "companies" && outcome.kind === "written")
            memory.wrote(outcome.record.id, outcome);
        return outcomes;
      },
    },
    readBack: { company: (id) => memory.get(id) },
    heard: (signals) => {
      for (const { object, hubspotId } of signals)
        if (object === "companies") memory.forget(hubspotId);
    },
  };
}

/** While a write is under way, and when it throws, nobody knows what HubSpot holds. */
async function undoubted<T>(
  memory: Memory,
  ids: readonly string[],
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    for (const id of ids) memory.forget(id);
    throw thrown;
  }
}

interface Entry {
  /** When it was last touched, in the order of events. */
  readonly moment: number;
  /** null: it was forgotten, and an answer that was asked for before may not bring it back. */
  readonly properties: CrmRecord["properties"] | null;
  readonly readAt: number;
}

class Memory {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #moment = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Names now, for an answer that comes later. */
  moment(): number {
    this.#moment += 1;
    return this.#moment;
  }

  get(id: string): CrmRecord["properties"] | null {
    const entry = this.#entries.get(id);
    if (!entry || this.#clock.now() - entry.readAt >= READ_BACK_MS) return null;
    return entry.properties;
  }

  keep(records: readonly CrmRecord[], began: number): void {
    const readAt = this.#clock.now();
    for (const { id, properties } of records) {
      const known = this.#entries.get(id);
      if (known && known.moment > began) continue;
      this.#put(id, { moment: this.moment(), properties, readAt });
    }
  }

  forget(id: string): void {
    this.#put(id, { moment: this.moment(), properties: null, readAt: this.#clock.now() });
  }

  /** HubSpot answers a write with what it wrote and little more: the rest is as old as it was. */
  wrote(id: string, outcome: WriteOutcome): void {
    const known = this.#entries.get(id);
    const before = known?.properties ?? null;
    if (outcome.kind !== "written" || before === null || outcome.record.id !== id) {
      this.forget(id);
      return;
    }
    const properties = { ...before, ...outcome.record.properties };
    this.#put(id, { moment: this.moment(), properties, readAt: known?.readAt ?? 0 });
  }

  /** The one that was touched last is dropped last. */
  #put(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_RECORDS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
