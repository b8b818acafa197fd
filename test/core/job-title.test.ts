import { describe, expect, test } from "vitest";
import {
  isPlausibleTitle,
  titleDepartment,
  titleSeniority,
} from "../../mcp-server/src/core/job-title.ts";

describe("titles", () => {
  test.each([
    ["Co-Founder & CEO", "founder", "c-suite"],
    ["CTO", "c-suite", "engineering"],
    ["Vice President of Sales", "vice president", "sales"],
    ["SVP Marketing", "vice president", "marketing"],
    ["Head of People", "director", "human resources"],
    ["Senior Manager, Finance", "senior manager", "finance"],
    ["Customer Success Manager", "manager", "customer success"],
    ["Senior Software Engineer", "senior non-managerial", "engineering"],
    ["Geschäftsführer", "c-suite", "c-suite"],
    ["Marketing Intern", "junior", "marketing"],
    ["Falconer", null, null],
  ])("reads %s as %s in %s", (title, seniority, department) => {
    expect(titleSeniority(title)).toBe(seniority);
    expect(titleDepartment(title)).toBe(department);
  });

  test.each(["n/a", "-", "X", "123", "me@acme.com", "www.acme.com"])("calls %s junk", (title) => {
    expect(isPlausibleTitle(title)).toBe(false);
  });

  test.each(["CEO", "VP", "経理部長", "Head of R&D"])("takes %s for a title", (title) => {
    expect(isPlausibleTitle(title)).toBe(true);
  });
});
