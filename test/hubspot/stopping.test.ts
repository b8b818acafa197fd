/** Work that is asked to stop: what waits is not sent, what hangs is not waited for. */
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { kinds, openPortal, outcomeOf, upsertRows } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;

describe("stopping", () => {
  test("work that has not been sent fails as cancelled, what is in flight is finished", async () => {
    const stop = new AbortController();
    const crm = portal.crm({
      onRequest: () => stop.abort(new AppError("cancelled", "Cancelled.")),
    });

    const outcomes = await crm.upsert("contacts", "email", upsertRows(3_000), {
      signal: stop.signal,
    });

    const counts = kinds(outcomes);
    expect(outcomes).toHaveLength(3_000);
    expect(hubspot.all("contacts")).toHaveLength(counts["written"] ?? 0);
    expect(counts["written"]).toBeGreaterThanOrEqual(100);
    expect(counts["failed"]).toBeGreaterThanOrEqual(1_000);
    expect(counts["unknown"]).toBeUndefined();
    expect(outcomes.find(({ kind }) => kind === "failed")).toMatchObject({
      error: { kind: "cancelled" },
    });
  });

  test("a read that hangs ends at once", async () => {
    portal.fault({ name: "timeout-before-commit" });
    const stop = new AbortController();
    const reading = portal
      .crm()
      .read("contacts", { ids: ["1"], properties: [] }, { signal: stop.signal });

    await expect.poll(() => portal.requests("/batch/read").length).toBe(1);
    stop.abort(new AppError("cancelled", "Cancelled."));

    await expect(reading).rejects.toMatchObject({ kind: "cancelled" });
    expect(portal.requests("/batch/read")).toHaveLength(1);
  });

  test("a write that hangs is given a moment, and then nobody knows what became of it", async () => {
    portal.fault({ name: "timeout-after-commit" });
    const stop = new AbortController();
    const writing = portal
      .crm({ graceMs: 50 })
      .upsert("contacts", "email", upsertRows(1), { signal: stop.signal });

    await expect.poll(() => hubspot.all("contacts").length).toBe(1);
    stop.abort(new AppError("cancelled", "Cancelled."));

    expect(outcomeOf(await writing, "r0")).toMatchObject({
      kind: "unknown",
      error: { kind: "unknown-outcome" },
    });
  });

  test("a write that is answered within that moment is done", async () => {
    portal.fault({ name: "slow", delayMs: 300 });
    const stop = new AbortController();
    const writing = portal
      .crm({ graceMs: 10_000 })
      .upsert("contacts", "email", upsertRows(1), { signal: stop.signal });

    await expect.poll(() => portal.requests("/batch/upsert").length).toBe(1);
    stop.abort(new AppError("cancelled", "Cancelled."));

    expect(kinds(await writing)).toEqual({ written: 1 });
  });
});
