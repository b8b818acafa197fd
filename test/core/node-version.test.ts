import { expect, test } from "vitest";
import { nodeProblem } from "../../mcp-server/src/core/node-version.ts";

test.each(["22.18.0", "22.20.1", "23.0.0", "24.21.0", "30.0.0"])("accepts Node %s", (version) => {
  expect(nodeProblem(version)).toBeNull();
});

test.each(["18.20.4", "20.20.2", "22.17.9", "22.0.0"])(
  "refuses Node %s in one sentence with the mend",
  (version) => {
    expect(nodeProblem(version)).toMatch(
      /needs Node 22\.18 or newer and was started with .*: install a newer Node/,
    );
    expect(nodeProblem(version)).not.toContain("\n");
  },
);
