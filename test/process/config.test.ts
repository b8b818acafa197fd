import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { configNames, readConfig } from "../../mcp-server/src/config.ts";

function problemsOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    return String(error);
  }
  throw new Error("the configuration was accepted");
}

test("runs on an empty environment, on loopback, with every provider off", () => {
  const config = readConfig({});

  expect(config.HTTP_HOST).toBe("127.0.0.1");
  expect(config.HUBSPOT_ACCESS_TOKEN).toBeUndefined();
  expect(config.HUBSPOT_BURST_LIMIT).toBe(100);
});

test.each([
  ["no cron", "every quarter of an hour x"],
  ["a minute that there is not", "61 2 * * *"],
  ["a day that never comes", "0 2 30 2 *"],
])("tells of a schedule that is %s together with the other problems", (_what, pattern) => {
  const problems = problemsOf({
    POLL_SCHEDULE: pattern,
    RECONCILE_SCHEDULE: pattern,
    HTTP_PORT: "x",
  });

  expect(problems).toContain("3 problem(s)");
  expect(problems).toMatch(/- POLL_SCHEDULE must be "off" or/u);
  expect(problems).toMatch(/- RECONCILE_SCHEDULE must be "off" or/u);
});

test("takes a schedule of leap days, and none at all", () => {
  const env = { POLL_SCHEDULE: "off", RECONCILE_SCHEDULE: "0 2 29 2 *" };

  expect(readConfig(env)).toMatchObject(env);
});

test("names every problem at once, each with its variable and the mend", () => {
  const problems = problemsOf({
    HUBSPOT_BASE_URL: "not a url",
    HTTP_PORT: "70000",
    HUBSPOT_BURST_LIMIT: "many",
    AUTO_ENRICH_ON_IMPORT: "maybe",
    LOG_LEVEL: "loud",
    HTTP_HOST: "0.0.0.0",
  });

  expect(problems).toContain("HUBSPOT_BASE_URL must be a web address");
  expect(problems).toContain("HTTP_PORT must be a whole number from 0 to 65535");
  expect(problems).toContain("HUBSPOT_BURST_LIMIT must be a whole number from 1 to 1000");
  expect(problems).toContain("AUTO_ENRICH_ON_IMPORT must be true or false");
  expect(problems).toContain("LOG_LEVEL must be one of");
});

test("demands a token off loopback", () => {
  expect(problemsOf({ HTTP_HOST: "0.0.0.0" })).toContain(
    "API_TOKEN must be set when HTTP_HOST is not loopback",
  );
  expect(readConfig({ HTTP_HOST: "0.0.0.0", API_TOKEN: "0123456789abcdef" }).HTTP_HOST).toBe(
    "0.0.0.0",
  );
});

test("takes any token on loopback, and a long one where others can reach it", () => {
  expect(readConfig({ API_TOKEN: "secret" }).API_TOKEN?.reveal()).toBe("secret");
  expect(problemsOf({ HTTP_HOST: "0.0.0.0", API_TOKEN: "secret" })).toContain(
    "at least 16 characters",
  );
  expect(problemsOf({ HUBSPOT_ACCESS_TOKEN: "pat na1" })).toContain("one word without spaces");
});

test("reads switches and levels in any case", () => {
  expect(readConfig({ AUTO_ENRICH_ON_IMPORT: "FALSE", LOG_LEVEL: "DEBUG" })).toMatchObject({
    AUTO_ENRICH_ON_IMPORT: false,
    LOG_LEVEL: "debug",
  });
});

test("shows a secret in no form of output and in no problem", () => {
  const token = "pat-na1-very-secret";
  const config = readConfig({ HUBSPOT_ACCESS_TOKEN: token });

  const printed = [
    JSON.stringify(config),
    inspect(config, { depth: 9 }),
    String(config.HUBSPOT_ACCESS_TOKEN),
  ];

  expect(printed.join()).not.toContain(token);
  expect(config.HUBSPOT_ACCESS_TOKEN?.reveal()).toBe(token);
  expect(problemsOf({ API_TOKEN: "short-secret", LOG_LEVEL: "loud" })).not.toContain(
    "short-secret",
  );
});

test("counts empty values and placeholders that were not filled in as not set", () => {
  const config = readConfig({
    HUBSPOT_ACCESS_TOKEN: "",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the literal that the client leaves in place.
    EXPLORIUM_API_KEY: "${user_config.explorium_key}",
  });

  expect(config.HUBSPOT_ACCESS_TOKEN).toBeUndefined();
  expect(config.EXPLORIUM_API_KEY).toBeUndefined();
});

test("reads exactly the variables that .env.example describes", () => {
  const described = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z_]+)=/gm)].map(
    (match) => match[1],
  );

  expect(described.sort()).toEqual([...configNames].sort());
});

test("refuses significant fields that no contact has, and names those that may be", () => {
  const problems = problemsOf({ SIGNIFICANT_FIELDS: "email,titel" });

  expect(problems).toContain("SIGNIFICANT_FIELDS must be");
  expect(problems).toContain("job_title");
  expect(readConfig({ SIGNIFICANT_FIELDS: "off" }).SIGNIFICANT_FIELDS).toBe("off");
});
