/** A field that a caller names, checked against the field map. */
import { badArgument } from "../core/argument-error.ts";
import { type FieldMaps, type MappedObject, mappedObjects } from "../core/field-map.ts";

/** Throws `input` that lists the fields there are when neither the object's map nor, without an object, any map has the field. */
export function checkField(
  maps: FieldMaps,
  argument: string,
  named: { readonly object?: MappedObject | undefined; readonly field?: string | undefined },
): void {
  const objects = named.object === undefined ? mappedObjects : [named.object];
  const known = objects.map((object) => maps[object].rules.map(({ field }) => field));
  if (named.field === undefined || known.flat().includes(named.field)) return;
  const lists = objects.map((object, index) => `${object}: ${known[index]?.join(", ")}`);
  throw badArgument(
    argument,
    `"${argument}" must be a field of the field map. There are, of ${lists.join("; of ")}.`,
  );
}
