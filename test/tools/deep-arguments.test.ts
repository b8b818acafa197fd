/** Arguments are as deep as a record may be, and no deeper, whatever the tool would make of them. */
import { expect, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../../mcp-server/src/tools/tool.ts";
import { nested } from "../hostile/nasty.ts";

const tool = defineTool({
  name: "take-anything",
  title: "Take anything",
  description: "Takes whatever it is given.",
  input: z.object({ value: z.unknown() }),
  output: z.object({ taken: z.boolean() }),
  annotations: {
    ...{ readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  run: async () => ({ taken: true }),
});

const run = (levels: number) =>
  tool.run({ value: nested(levels) }, {} as Parameters<typeof tool.run>[1]);

test("what is nested deeper than a record may be is refused by name, and what is not is taken", async () => {
  await expect(run(48)).resolves.toEqual({ taken: true });
  for (const levels of [52, 1_000, 4_000])
    await expect(run(levels)).rejects.toMatchObject({
      kind: "input",
      message: expect.stringContaining("more than 50 deep"),
    });
});
