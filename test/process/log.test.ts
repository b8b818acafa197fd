import { expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { createLog } from "../../mcp-server/src/log.ts";

function logged(
  write: (log: ReturnType<typeof createLog>) => void,
  secrets: readonly string[] = [],
): string {
  const lines: string[] = [];
  write(createLog("debug", { write: (line) => lines.push(line), secrets }));
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

test("cuts what may be a name out of what others wrote, and leaves what says what went wrong", () => {
  const said = (message: string) =>
    logged((log) => log.error({ err: new Error(message) }, "failed"));

  const refused = said(
    'Property values were not valid: [{"message":"Zoë Müller-Lüdenscheidt was not one of the allowed options","error":"INVALID_OPTION","name":"jobtitle","at":"McDonald\u2019s in São Paulo"}]',
  );
  for (const name of ["Zoë", "Müller", "Lüdenscheidt", "McDonald", "São", "Paulo"])
    expect(refused).not.toContain(name);
  for (const word of ["Property values were not valid", "INVALID_OPTION", "jobtitle"])
    expect(refused).toContain(word);
  for (const plain of [
    "connect ECONNREFUSED 127.0.0.1:443",
    "SQLITE_FULL: database or disk is full",
    "Cannot read properties of undefined (reading 'map')",
    "Client network socket disconnected before secure TLS connection was established",
  ])
    expect(said(plain)).toContain(plain);
});

test("cuts the configuration's secrets out of every line, wherever they stand", () => {
  const secret = 'pw"with\\signs';
  const text = logged(
    (log) => {
      log.info({ url: `postgres://me:${secret}@db/x`, list: [{ deep: { er: secret } }] }, secret);
      log.error({ err: new Error(`bare ${secret}`) }, "failed");
    },
    [secret, "abc"],
  );

  expect(text).not.toContain("signs");
  expect(text.match(/\[secret\]/g)).toHaveLength(4);
  expect(JSON.parse(text.split("\n")[0] ?? "").url).toBe("postgres://me:[secret]@db/x");
});
