/** What can happen, as one typed union, and the in-process emitter that wakes the next worker. */

/**
 * Events only wake workers: rows hold the truth, so an event lost in a crash costs latency, not data.
 * `count` is how many contacts the finished job changed.
 */
export type AppEvent =
  | { readonly kind: "contacts-imported"; readonly jobId: string; readonly count: number }
  | { readonly kind: "contacts-enriched"; readonly jobId: string; readonly count: number }
  | { readonly kind: "contacts-synced"; readonly jobId: string; readonly count: number }
  | { readonly kind: "job-changed"; readonly jobId: string };

export type EventKind = AppEvent["kind"];
export type EventOf<K extends EventKind> = Extract<AppEvent, { kind: K }>;
type Listener<K extends EventKind> = (event: EventOf<K>) => void;

/** The in-process emitter. Listeners run in order of registration; one that throws does not stop the others. */
export class Events {
  readonly #listeners = new Map<EventKind, Set<(event: AppEvent) => void>>();
  readonly #onError: (error: unknown, event: AppEvent) => void;

  constructor(onError: (error: unknown, event: AppEvent) => void) {
    this.#onError = onError;
  }

  /** Registers a listener; the returned function removes it. */
  on<K extends EventKind>(kind: K, listener: Listener<K>): () => void {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set);
    const entry = (event: AppEvent): void => {
      if (isKind(event, kind)) listener(event);
    };
    set.add(entry);
    return () => set.delete(entry);
  }

  emit(event: AppEvent): void {
    for (const listener of this.#listeners.get(event.kind) ?? []) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error, event);
      }
    }
  }
}

function isKind<K extends EventKind>(event: AppEvent, kind: K): event is EventOf<K> {
  return event.kind === kind;
}
