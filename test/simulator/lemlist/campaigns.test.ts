/** The campaign list of the Lemlist stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveLemlist } from "./serve-lemlist.ts";

describe("the campaign list", () => {
  async function withFive(options = {}) {
    const served = await serveLemlist(options);
    for (let day = 1; day <= 5; day += 1) {
      served.lemlist.addCampaign({ name: `C${day}`, createdAt: `2026-10-0${day}T00:00:00.000Z` });
    }
    return served;
  }
  const names = (campaigns: { name: string }[]) => campaigns.map(({ name }) => name);

  // Lemlist spec: an array, ascending unless sortOrder=desc, offset and limit (at most 100).
  test("is an array that pages by offset and sorts by creation", async () => {
    const { getJson } = await withFive();

    const page = await getJson("/campaigns?version=v2&limit=2&offset=2");
    const newest = await getJson("/campaigns?version=v2&sortOrder=desc&limit=1");

    expect(names(page)).toEqual(["C3", "C4"]);
    expect(names(newest)).toEqual(["C5"]);
  });

  // Several clients report an object with pagination for version 2 instead of the documented array.
  test("is an object with pagination in object mode, nextPage null on the last page", async () => {
    const { getJson } = await withFive({ campaignsShape: "object" });

    const second = await getJson("/campaigns?version=v2&limit=2&page=2");
    const last = await getJson("/campaigns?version=v2&limit=2&page=3");

    expect(names(second.campaigns)).toEqual(["C3", "C4"]);
    expect(second.pagination).toEqual({
      totalRecords: 5,
      currentPage: 2,
      nextPage: 3,
      totalPage: 3,
    });
    expect(last.pagination.nextPage).toBeNull();
  });

  // One client saw the offset ignored: paging by offset then receives the same campaigns for ever.
  test("repeats the first page in ignored-offset mode", async () => {
    const { getJson } = await withFive({ ignoreOffset: true });

    const page = await getJson("/campaigns?version=v2&limit=2&offset=4");

    expect(names(page)).toEqual(["C1", "C2"]);
  });

  // Lemlist spec: a campaign can be in several statuses at once, e.g. paused with errors.
  test("filters by status, where errors is not exclusive", async () => {
    const { lemlist, getJson } = await withFive();
    lemlist.addCampaign({ name: "Sick", status: "paused", hasError: true, errors: ["No sender."] });

    const errors = await getJson("/campaigns?version=v2&status=errors");
    const paused = await getJson("/campaigns?version=v2&status=paused");

    expect([names(errors), names(paused)]).toEqual([["Sick"], ["Sick"]]);
  });
});
