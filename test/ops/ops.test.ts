/** Alerts and dashboard ask only for figures that a scrape has, and Prometheus' own tools accept them. */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { counters, timings } from "../../mcp-server/src/core/metric-catalogue.ts";
import { scrapeOfWork } from "./scrape-of-work.ts";

const hasPromtool = isInstalled("promtool");
if (!hasPromtool)
  process.stderr.write(
    "\n*** promtool is not on the PATH: alerts and scrapes are NOT checked by it (Debian: the package prometheus) ***\n\n",
  );

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

let scrape = "";

beforeAll(async () => {
  scrape = await scrapeOfWork();
}, 60_000);

/** The figures that a text of PromQL names. */
function figuresIn(text: string): readonly string[] {
  const names = text.match(/hubspot_sync_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}

function scraped(): readonly string[] {
  return [...scrape.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name ?? "");
}

describe.each(["ops/alerts.yml", "ops/grafana-dashboard.json"])("%s", (file) => {
  test("names only figures that a scrape has", () => {
    const named = figuresIn(readFileSync(file, "utf8"));

    expect(named.length).toBeGreaterThan(5);
    expect(scraped()).toEqual(expect.arrayContaining([...named]));
  });
});

test("the dashboard shows every figure but the program's version", () => {
  const own = scraped().filter((name) => name.startsWith("hubspot_sync_"));

  const shown = figuresIn(readFileSync("ops/grafana-dashboard.json", "utf8"));

  expect(own.filter((name) => !shown.includes(name))).toEqual(["hubspot_sync_build_info"]);
});

test("the dashboard can be imported anywhere: its panels ask the data source that is chosen there, and stand apart", () => {
  const panelSchema = z.object({
    id: z.number(),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    targets: z
      .array(z.object({ datasource: z.object({ uid: z.literal(`\${datasource}`) }) }))
      .optional(),
  });
  const dashboard = z
    .object({
      title: z.literal("hubspot-sync"),
      templating: z.object({
        list: z.tuple([z.object({ name: z.literal("datasource"), type: z.literal("datasource") })]),
      }),
      panels: z.array(panelSchema),
    })
    .parse(JSON.parse(readFileSync("ops/grafana-dashboard.json", "utf8")));

  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test("README.md of ops explains every figure of the catalogue and every alert", () => {
  const readme = readFileSync("ops/README.md", "utf8");
  const alerts = [...readFileSync("ops/alerts.yml", "utf8").matchAll(/alert: (\w+)/g)];

  expect(alerts.length).toBe(9);
  for (const [, alert] of alerts) expect(readme).toContain(`| ${alert} |`);
  for (const { name } of [...Object.values(counters), ...Object.values(timings)])
    expect(readme).toContain(name.replace("hubspot_sync", ""));
});

test("every alert says what happened and what to do, and is tested firing and not firing", () => {
  const rules = readFileSync("ops/alerts.yml", "utf8").split("- alert: ").slice(1);
  const tests = readFileSync("ops/alerts.test.yml", "utf8");
  for (const rule of rules) {
    const name = rule.split("\n")[0] ?? "";
    expect(rule).toMatch(/severity: (warning|critical)/);
    expect(rule).toMatch(/summary: .+/);
    expect(rule).toMatch(/action: >-\n\s+\S/);
    const cases = tests.split(`alertname: ${name}\n`).slice(1);
    expect([name, cases.some((one) => one.trimStart().startsWith("exp_alerts"))]).toEqual([
      name,
      true,
    ]);
    expect([name, cases.some((one) => !one.trimStart().startsWith("exp_alerts"))]).toEqual([
      name,
      true,
    ]);
  }
});

describe.skipIf(!hasPromtool)("promtool", () => {
  const run = promisify(execFile);

  test("accepts the alerts", async () => {
    const { stdout } = await run("promtool", ["check", "rules", "ops/alerts.yml"]);

    expect(stdout).toContain("9 rules found");
  });

  test("sees them fire and not fire as they are meant to", async () => {
    const { stdout } = await run("promtool", ["test", "rules", "ops/alerts.test.yml"]);

    expect(stdout).toContain("SUCCESS");
  });

  test("finds nothing to complain of in a scrape", async () => {
    const checked = run("promtool", ["check", "metrics"]);
    checked.child.stdin?.end(scrape);

    expect(await checked).toEqual({ stdout: "", stderr: "" });
  });
});
