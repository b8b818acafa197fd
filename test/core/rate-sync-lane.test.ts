/** Which syncs go before others. */
import { expect, test } from "vitest";
import { parseSyncArgs } from "../../mcp-server/src/core/sync-args.ts";
import { syncLane } from "../../mcp-server/src/core/sync-lane.ts";

const emails = (count: number) => Array.from({ length: count }, (_, index) => `e${index}@acme.com`);

test.each([
  ["a few named records", { emails: emails(100) }, "interactive"],
  ["records by id", { ids: [1, 2] }, "interactive"],
  ["a preview of everything", { dry_run: true }, "interactive"],
  ["many named records", { emails: emails(101) }, "backfill"],
  ["everything", {}, "backfill"],
  ["what is queued", { queued_only: true }, "backfill"],
  ["a filter", { filter: { status: "imported" } }, "backfill"],
  ["a comparison of both sides", { mode: "reconcile", dry_run: true }, "backfill"],
] as const)("%s: %j is %s", (_, args, lane) => {
  expect(syncLane(parseSyncArgs(args))).toBe(lane);
});
