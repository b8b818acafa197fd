/** The servers on one database, each of which may be killed, frozen or restarted at any time. */
import { type RunningServer, startHttp } from "../support/crash-rig.ts";

/** Several places for servers; a place is empty while its server is dead. */
export interface Fleet {
  readonly places: readonly number[];
  /** A live server that is not frozen; null when there is none. */
  any(): RunningServer | null;
  urlOf(server: RunningServer): string;
  start(place: number): Promise<void>;
  /** SIGKILL. Nothing happens where none is alive. */
  kill(place: number): Promise<void>;
  /** SIGTERM; resolves with how long it took in milliseconds, null where none was alive. */
  stop(place: number): Promise<number | null>;
  /** SIGSTOP for a while: its leases may run out under it. */
  freeze(place: number, ms: number): Promise<void>;
  isAlive(place: number): boolean;
}

interface Slot {
  server: RunningServer | null;
  frozen: boolean;
}

/** Empty places for servers of this environment. */
export function createFleet(count: number, env: Readonly<Record<string, string>>): Fleet {
  const slots = Array.from({ length: count }, (): Slot => ({ server: null, frozen: false }));
  const at = (place: number): Slot => slots[place] ?? { server: null, frozen: false };
  const taken = (place: number): RunningServer | null => {
    const slot = at(place);
    const { server } = slot;
    slot.server = null;
    return server;
  };
  return {
    places: slots.map((_, place) => place),
    any: () => slots.find(({ server, frozen }) => server !== null && !frozen)?.server ?? null,
    urlOf: ({ child }) => /"url":"([^"]+)"/u.exec(child.stderr())?.[1] ?? "",
    isAlive: (place) => at(place).server !== null,
    start: async (place) => {
      if (at(place).server === null) at(place).server = await startHttp(env);
    },
    kill: async (place) => {
      await taken(place)?.kill();
    },
    stop: async (place) => (await taken(place)?.stop())?.ms ?? null,
    freeze: async (place, ms) => {
      const slot = at(place);
      const { server } = slot;
      if (server === null) return;
      slot.frozen = true;
      server.child.process.kill("SIGSTOP");
      await new Promise((wake) => setTimeout(wake, ms));
      server.child.process.kill("SIGCONT");
      slot.frozen = false;
    },
  };
}
