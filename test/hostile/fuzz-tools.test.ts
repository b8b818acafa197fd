/** Arguments of every tool, from in order to absurd: a valid answer or one of our errors, and a refused call changes nothing. */
import { describe, expect, test } from "vitest";
import { inputSchemaOf } from "../../mcp-server/src/tools/advertised.ts";
import type { Tool, ToolOutput } from "../../mcp-server/src/tools/tool.ts";
import type { Services } from "../doors/stack.ts";
import { describeEachEngine, tempStore } from "../support/store.ts";
import { fuzz, inTime, testTimeout } from "./fuzz-rounds.ts";
import { expectNoLeak, expectOwnError, watchForAccidents } from "./laws.ts";
import { type Json, nastyTexts, nested, withPrototypeKeys } from "./nasty.ts";
import { argumentsFor } from "./schema-values.ts";
import { ada, hostileServices, nobody, stateOf } from "./tools-rig.ts";

watchForAccidents();

const names = [
  "import",
  "enrich",
  "sync",
  "query-contacts",
  "list-conflicts",
  "resolve-conflict",
  "queue-sync",
  "job-status",
  "cancel-job",
  "sync-health",
] as const;

function toolOf({ tools }: Services, name: string): Tool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool;
}

/** Calls that wait would take their twenty seconds. */
function impatient(args: Json): Json {
  const isObject = args !== null && typeof args === "object" && !Array.isArray(args);
  return isObject && "wait_seconds" in args ? { ...args, wait_seconds: 0 } : args;
}

/** The law of this file. */
async function lawful(services: Services, tool: Tool, args: Json): Promise<ToolOutput | null> {
  const before = await stateOf(services);
  const { output, thrown } = await outcome(tool, args);
  if (output !== null) {
    expect(JSON.stringify(output).length).toBeLessThan(2_000_000);
    return output;
  }
  expectOwnError(thrown);
  expect(await stateOf(services)).toBe(before);
  return null;
}

async function outcome(tool: Tool, args: Json) {
  try {
    return { output: await inTime(tool.run(args, nobody), tool.name), thrown: null };
  } catch (thrown) {
    return { output: null, thrown };
  }
}

describe("a call of", () => {
  test.each(names)(
    "%s with arguments from in order to absurd",
    async (name) => {
      const store = await tempStore();
      const services = await hostileServices(store);
      const tool = toolOf(services, name);

      await fuzz(
        argumentsFor(inputSchemaOf(tool)),
        async (args) => {
          await lawful(services, tool, impatient(args));
        },
        { runs: 150, shortMs: 2_000 },
      );

      const found = await toolOf(services, "query-contacts").run({ email: ada.email }, nobody);
      expect(found).toMatchObject({ contacts: [{ email: ada.email }] });
      await services.close();
      await store.close();
    },
    testTimeout,
  );

  test(
    "any of them with what is deep, wide or named like a prototype",
    async () => {
      const store = await tempStore();
      const services = await hostileServices(store);
      const deep: readonly Json[] = [nested(3_000), nested(200_000), withPrototypeKeys()];

      for (const tool of services.tools) {
        const arguments_ = Object.keys(tool.input.shape);
        for (const value of deep) {
          await lawful(services, tool, value);
          for (const argument of arguments_) await lawful(services, tool, { [argument]: value });
        }
        await lawful(
          services,
          tool,
          Array.from({ length: 10_000 }, () => 1),
        );
        await lawful(
          services,
          tool,
          Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n])),
        );
      }
      for (const value of deep) {
        await lawful(services, toolOf(services, "import"), {
          source: "records",
          records: [{ email: "deep@example.com", notes: value }],
          wait_seconds: 20,
        });
      }
      await store.close();
    },
    testTimeout,
  );
});

describeEachEngine("records of any content", (open) => {
  test(
    "are stored or rejected with a reason, and counted",
    async () => {
      const services = await hostileServices(await open());
      const importing = toolOf(services, "import");
      const schema = {
        type: "object",
        properties: {
          email: { anyOf: [{ type: "string" }, {}] },
          first_name: { anyOf: [{ type: "string" }, {}] },
          company: { type: "string" },
          phone: {},
          custom: {},
        },
        required: ["email"],
        additionalProperties: true,
      };
      await fuzz(
        argumentsFor({ type: "array", minItems: 1, items: schema }),
        async (records) => {
          const args = { source: "records", records, wait_seconds: 20 };
          const job = await lawful(services, importing, args);
          if (job === null) return;
          const told = JSON.stringify(job["errors"]);
          expectNoLeak(told);
          expect(told).not.toContain('"BUG"');
          if (job["status"] === "failed") expect(told).toMatch(/"NO_EMAIL_COLUMN"/);
        },
        { runs: 60, shortMs: 4_000 },
      );
    },
    testTimeout,
  );

  test(
    "each of the texts that broke some program once comes back as it may be stored",
    async () => {
      const services = await hostileServices(await open());
      const records = nastyTexts.map((text, n) => ({
        email: `n${n}@example.com`,
        first_name: text,
        [`c${text.slice(0, 50)}`]: text,
      }));

      const job = await lawful(services, toolOf(services, "import"), {
        source: "records",
        records,
        wait_seconds: 20,
      });

      expect(job).toMatchObject({ status: "completed" });
      const all = await toolOf(services, "query-contacts").run({ limit: 100 }, nobody);
      expect(all["total"]).toBe(nastyTexts.length + 1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(JSON.stringify(all)).not.toMatch(/\\u0000|\\ud800|[\u0000\u202e\u2066]/);
    },
    testTimeout,
  );
});
