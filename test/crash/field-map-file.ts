/** The shipped field map, with two fields that are left to a person, so that there are conflicts. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes the map into a folder; returns its path. */
export async function mapFile(folder: string): Promise<string> {
  const map = JSON.parse(await readFile("data/field-map.json", "utf8"));
  const manual = { sync_direction: "BIDIRECTIONAL", conflict_resolution: "MANUAL" };
  Object.assign(map.contacts.job_title, manual);
  Object.assign(map.customers.legal_name, manual);
  const file = join(folder, "map.json");
  await writeFile(file, JSON.stringify(map));
  return file;
}
