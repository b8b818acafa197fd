/** Decisions whose process loses its database at any of its steps: all of a call holds, or nothing of it. */
import { expect, test } from "vitest";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { Services } from "../doors/stack.ts";
import { fakeClock } from "../support/clock.ts";
import { describeEachEngine } from "../support/store.ts";
import { open, refused, run } from "./calls.ts";
import { contactConflict, customerConflict } from "./conflict-rig.ts";

const NOW = "2026-11-06T08:00:00.000Z";

/** A store over another one that fails at a step, counted over everything that is asked of it. */
interface Breakable {
  readonly store: Store;
  /** Fails at this step from now on, counting from 1, and at all that follow. */
  breakAt(step: number): void;
  /** How many steps were asked for since; beyond the failing one none does anything. */
  steps(): number;
}

function breakable(real: Store): Breakable {
  let asked = 0;
  let last = Number.POSITIVE_INFINITY;
  const step = (): void => {
    asked += 1;
    if (asked >= last) throw new Error("the database is gone");
  };
  const part = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, name) => {
        const method = Reflect.get(from, name);
        if (typeof method !== "function") return method;
        return async (...args: readonly unknown[]) => {
          step();
          return Reflect.apply(method, from, args);
        };
      },
    });
  const whole = (target: Store): Store =>
    new Proxy(target, {
      get: (from, name) => {
        if (name === "by") return (...args: Parameters<Store["by"]>) => whole(from.by(...args));
        if (name === "transaction")
          return <T>(work: (store: Store) => Promise<T>) =>
            from.transaction(async (within) => {
              const done = await work(whole(within));
              // The last step is the commit.
              step();
              return done;
            });
        const value = Reflect.get(from, name);
        return typeof value === "object" && value !== null ? part(value) : value;
      },
    });
  return {
    store: whole(real),
    breakAt: (at) => {
      asked = 0;
      last = at;
    },
    steps: () => asked,
  };
}

/** Three conflicts of two records. */
async function threeConflicts(store: Store): Promise<readonly Conflict[]> {
  const title = { field: "job_title", base: "Engineer", local: "Lead", hubspot: "CTO" };
  const city = { field: "city", base: "Bonn", local: "Berlin", hubspot: null };
  const name = { field: "company_name", base: "Acme", local: "Acme Here", hubspot: "Acme There" };
  const ada = await contactConflict(store, "ada@example.com", title);
  const bob = await contactConflict(store, "bob@example.com", city);
  const acme = await customerConflict(store, { ban: "B-1", company_name: "Acme Here" }, name);
  return [ada, bob, acme];
}

/** Everything that a decision touches, apart from the ids that a call makes up. */
async function everything(store: Store, conflicts: readonly Conflict[]) {
  const ids = conflicts.map(({ conflict_id }) => conflict_id);
  const local = (of: string) => conflicts.flatMap((c) => (c.object === of ? [c.local_id] : []));
  const logs = await Promise.all(
    conflicts.map(({ object, local_id }) => store.syncLog.forRecord(object, local_id, 50)),
  );
  const page = { afterId: 0, limit: 100 };
  return {
    conflicts: await store.conflicts.findByIds(ids),
    bases: [
      ...(await store.fieldStates.get("contacts", local("contacts"))),
      ...(await store.fieldStates.get("customers", local("customers"))),
    ],
    contacts: await store.contacts.findByIds(local("contacts")),
    customers: await store.customers.findByIds(local("customers")),
    changes: await store.changes.latest("customers", local("customers")),
    queued: [
      await store.queue.dueIds("contacts", NOW, page),
      await store.queue.dueIds("customers", NOW, page),
    ],
    log: logs.flat().map(({ id: _id, run_id: _run, ...row }) => row),
  };
}

const filter = { object: "contacts" };

/** What is asked; a form with a preview asks for that first. */
const calls: Readonly<
  Record<string, (services: Services, conflicts: readonly Conflict[]) => Promise<object>>
> = {
  "one that keeps the local value": async (_, [first]) => ({
    ...named(first),
    resolution: "keep_local",
  }),
  "one that sets a value": async (_, [first]) => ({
    ...named(first),
    resolution: "set",
    value: "Boss",
  }),
  "several of several records": async (_, conflicts) => ({
    resolutions: conflicts.map(named),
    resolution: "keep_hubspot",
  }),
  "all of a filter, by plan": async (services) => {
    const asked = { filter, resolution: "keep_local" };
    return { plan_id: (await run(services, "resolve-conflict", asked))["plan_id"] };
  },
};

function named(conflict: Conflict | undefined) {
  return { conflict_id: String(conflict?.conflict_id), version: conflict?.version };
}

describeEachEngine("a decision whose database goes away", (openStore) => {
  test.each(Object.entries(calls))(
    "%s: at no step does a part of it hold, and asking again does it whole",
    async (_what, call) => {
      const real = await openStore();
      const conflicts = await threeConflicts(real);
      const { store, breakAt, steps } = breakable(real);
      const services = await open({ store, services: { clock: fakeClock(NOW) } });
      const args = await call(services, conflicts);
      const before = await everything(real, conflicts);

      let broken = 0;
      for (;;) {
        breakAt(broken + 1);
        const done = await run(services, "resolve-conflict", args).catch(() => null);
        if (done) break;
        broken += 1;
        expect(await everything(real, conflicts)).toEqual(before);
      }

      // Fewer would mean that it was not the decision that failed.
      expect(broken).toBeGreaterThan(6);
      expect(steps()).toBe(broken);
      const after = await everything(real, conflicts);
      const decided = after.conflicts.filter(({ status }) => status === "resolved");
      expect(decided.length).toBeGreaterThan(0);
      expect(after.log).toHaveLength(decided.length);
      expect(after.queued.flat()).toHaveLength(decided.length);
    },
  );

  test.each(Object.entries(calls))(
    "%s: asking again after the answer was lost changes nothing more",
    async (_what, call) => {
      const store = await openStore();
      const conflicts = await threeConflicts(store);
      const services = await open({ store, services: { clock: fakeClock(NOW) } });
      const args = await call(services, conflicts);
      await run(services, "resolve-conflict", args);
      const after = await everything(store, conflicts);

      const again = run(services, "resolve-conflict", args);

      if ("plan_id" in args) expect((await refused(again)).code).toBe("PLAN_STALE");
      else expect(await again).toMatchObject({ counts: { resolved: 0 } });
      expect(await everything(store, conflicts)).toEqual(after);
    },
  );
});
