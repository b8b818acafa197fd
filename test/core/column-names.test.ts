import { describe, expect, test } from "vitest";
import { planColumns } from "../../mcp-server/src/core/column-names.ts";
import { describeColumns } from "../../mcp-server/src/core/header-names.ts";

const targetsOf = (header: readonly string[], map?: Record<string, string>) =>
  planColumns(header, map).map((column) => column.target);

test.each([
  ["E-Mail", "email"],
  ["  EMAIL address ", "email"],
  ["E-Mail-Adresse", "email"],
  ["Prénom", "first_name"],
  ["given_name", "first_name"],
  ["Surname", "last_name"],
  ["Account", "company"],
  ["Organisation", "company"],
  ["Job Title", "job_title"],
  ["jobtitle", "job_title"],
  ["Position", "job_title"],
  ["Mobile Phone Number", "phone"],
  ["Country/Region", "country"],
  ["Website URL", "website"],
  ["companyDomain", "domain"],
  ["LinkedIn Profile", "linkedin_url"],
  ["Name", "full_name"],
  ["lastState", "engagement_state"],
  ["emailStatus", "email_status"],
  ["Opted out", "unsubscribed"],
])("understands the header %j as %s", (header, target) => {
  expect(targetsOf(target === "email" ? [header] : ["Email", header])).toContain(target);
});

test("keeps unknown columns by their own names, made unique", () => {
  const columns = planColumns(["Email", "Notes", "Notes", "", "__proto__"]);

  expect(columns.map((column) => column.name)).toEqual([
    "Email",
    "Notes",
    "Notes (2)",
    "Column 4",
    "proto",
  ]);
  expect(describeColumns(columns)).toEqual({
    mapped: { Email: "email" },
    unknown: ["Notes", "Notes (2)", "Column 4", "proto"],
  });
});

describe("column_map", () => {
  test("wins over synonyms and matches names without case and punctuation", () => {
    const columns = planColumns(["Contact", "E-mail", "Chef"], {
      contact: "email",
      CHEF: "full_name",
    });

    expect(columns.map((column) => column.target)).toEqual(["email", null, "full_name"]);
  });

  test("can leave a column out", () => {
    expect(targetsOf(["Email", "Notes"], { Notes: "ignore" })).toEqual(["email", "ignore"]);
  });

  test("refuses a target that is no field, listing those that are", () => {
    expect(() => planColumns(["Email", "Age"], { Age: "age" })).toThrow(
      /"age".*one of: email, first_name/,
    );
  });

  test("refuses a column that the input does not have, listing its columns", () => {
    expect(() => planColumns(["Email", "Age"], { Agee: "city" })).toThrow(/"Agee".*"Email", "Age"/);
  });
});

test("says which columns there are and how to name the right one when none holds e-mails", () => {
  expect(() => planColumns(["Contact", "Firma"])).toThrow(
    /The columns are: "Contact", "Firma".*column_map.*\{"Contact": "email"\}/,
  );
});
