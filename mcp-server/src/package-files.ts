/** Files that ship with the program: its version and the field map. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "./core/errors.ts";
import { type FieldMaps, parseFieldMap } from "./core/field-map.ts";

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  const parsed: unknown = JSON.parse(text);
  const version =
    parsed !== null && typeof parsed === "object" ? Reflect.get(parsed, "version") : undefined;
  return typeof version === "string" ? version : "0.0.0";
}

/**
 * The field map from a file, or the one that ships.
 *
 * @throws AppError `input` when the file cannot be read or has mistakes
 */
export function readFieldMap(file: string | undefined): FieldMaps {
  const path = file ?? join(packageRoot(), "data", "field-map.json");
  return parseFieldMap(readText(path), path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new AppError(
      "input",
      `The field map ${path} cannot be read. Correct FIELD_MAP, or leave it empty.`,
      { cause },
    );
  }
}

/** The sources stand two folders below package.json, the built files one. */
function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith("src") ? join(here, "..", "..") : join(here, "..");
}
