/** Who may use the one connection next: those who must not wait go before those who may. */

/** A way to the connection. Whoever has entered leaves exactly once. */
export interface Lane {
  enter(): Promise<void>;
  leave(): void;
}

/** Two lanes to one connection; within a lane it is first come, first served. Nobody is interrupted. */
export interface ConnectionGate {
  /** Whoever waits here is next, however many wait in the other lane. */
  readonly first: Lane;
  readonly other: Lane;
  /** Whether anybody waits for whoever is in. */
  isAwaited(): boolean;
}

/** A gate that is open. */
export function connectionGate(): ConnectionGate {
  const waiting = { first: [] as (() => void)[], other: [] as (() => void)[] };
  let isTaken = false;
  const leave = (): void => {
    const next = waiting.first.shift() ?? waiting.other.shift();
    if (next) next();
    else isTaken = false;
  };
  const lane = (name: keyof typeof waiting): Lane => ({
    enter: () => {
      if (isTaken) return new Promise((resolve) => waiting[name].push(resolve));
      isTaken = true;
      return Promise.resolve();
    },
    leave,
  });
  return {
    first: lane("first"),
    other: lane("other"),
    isAwaited: () => waiting.first.length + waiting.other.length > 0,
  };
}
