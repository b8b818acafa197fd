import { describe, expect, test } from "vitest";
import { createSchedule } from "../../mcp-server/src/schedule.ts";

describe("a schedule", () => {
  test("that cannot be read names its setting and the mend", () => {
    const read = () => createSchedule({ name: "POLL_SCHEDULE", pattern: "61 2 * * *" });

    expect(read).toThrow(/POLL_SCHEDULE.*five fields/);
  });

  test("of a half-hour keeps coming through the hour that comes twice", () => {
    const half = createSchedule(
      { name: "POLL_SCHEDULE", pattern: "*/30 * * * *" },
      "Europe/Berlin",
    );
    let at = Date.parse("2026-10-25T00:00:00.000Z");
    const times: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      at = half(at) ?? 0;
      times.push(new Date(at).toISOString().slice(11, 16));
    }

    expect(times).toEqual(["00:30", "01:00", "01:30", "02:00", "02:30"]);
  });
});
