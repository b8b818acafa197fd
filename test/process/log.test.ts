import { expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { createLog } from "../../mcp-server/src/log.ts";

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog("debug", (line) => lines.push(line)));
  return lines.join("");
}

test("cuts contact data and secrets out of fields, whatever they are nested in", () => {
  const text = logged((log) =>
    log.info(
      {
        email: "ada@acme.com",
        contact: { first_name: "Ada", phone: "+4930901820" },
        request: { headers: { authorization: "Bearer pat-na1-123456789" } },
        count: 3,
      },
      "imported",
    ),
  );

  expect(text).toContain('"count":3');
  for (const hidden of ["ada@acme.com", "Ada", "+4930901820", "pat-na1"])
    expect(text).not.toContain(hidden);
});

test("cuts addresses and credentials out of messages and errors, causes included", () => {
  const cause = new Error(
    "upstream said: ada@acme.com is taken, Authorization: Bearer abcdefgh12345",
  );
  const text = logged((log) =>
    log.error(
      { err: new AppError("input", "Could not write.", { cause }) },
      "failed for ada@acme.com",
    ),
  );

  expect(text).toContain("Could not write.");
  expect(text).not.toContain("ada@acme.com");
  expect(text).not.toContain("abcdefgh12345");
  expect(text).not.toContain("901820");
});
