/** What can be wrong with one field of a map although it has the right shape: a sentence with the mend each. */
import {
  isJsonColumn,
  isNumberColumn,
  isReadable,
  isStorable,
  readablePlaces,
  storablePlaces,
} from "./field-map-columns.ts";
import { definitionMistakes } from "./field-map-definition.ts";
import { type Entry, isKey, isPulled, isPushed } from "./field-map-entries.ts";
import { isAlwaysReadOnly, isHubspotOwn } from "./field-map-hubspot.ts";
import { isPropertyName, type Mapping } from "./field-map-schema.ts";
import { strategies } from "./merge.ts";
import { transformOf } from "./transforms.ts";

/** The mistakes of an entry, without its name. */
export function entryMistakes(entry: Entry): readonly string[] {
  return [
    ...propertyMistakes(entry),
    ...placeMistakes(entry),
    ...typeMistakes(entry),
    ...transformMistakes(entry),
    ...definitionMistakes(entry),
    ...keyMistakes(entry),
  ];
}

/** The mistakes of a mapping as a whole, whose parts would otherwise repeat them. */
export function mappingMistakes(written: Mapping): readonly string[] {
  const missingStrategy =
    written.sync_direction === "BIDIRECTIONAL" && written.conflict_resolution === undefined
      ? [`a BIDIRECTIONAL field needs conflict_resolution; add one of ${strategies.join(", ")}`]
      : [];
  return [
    ...missingStrategy,
    ...complexMistakes(written),
    ...enumMistakes(written),
    ...pathMistakes(written),
  ];
}

/** What a mapping says in vain: it can stay, but means nothing. */
export function mappingWarnings(written: Mapping): readonly string[] {
  const vain = vainStrategy(written);
  const parts = Object.keys(written.sub_mappings ?? {});
  const isUnused =
    parts.length > 0 && !parts.includes("street") && !parts.includes(written.hubspot_property);
  return [
    ...(vain === null ? [] : [vain]),
    ...(isUnused
      ? [
          `no part goes to hubspot_property ${written.hubspot_property}; call one street, or write the name of a part there`,
        ]
      : []),
  ];
}

function vainStrategy({ sync_direction, conflict_resolution }: Mapping): string | null {
  const winner = { WARP_TO_HUBSPOT: "WARP_WINS", HUBSPOT_TO_WARP: "HUBSPOT_WINS" } as const;
  if (sync_direction === "BIDIRECTIONAL" || sync_direction === "NONE") return null;
  const expected = winner[sync_direction];
  return conflict_resolution === undefined || conflict_resolution === expected
    ? null
    : `conflict_resolution ${conflict_resolution} has no effect, because ${sync_direction} lets one side win always; write ${expected}, or BIDIRECTIONAL`;
}

function complexMistakes(written: Mapping): readonly string[] {
  const { is_complex, sub_mappings, warp_field_path, type, transform, enum_values } = written;
  const hasParts = sub_mappings !== undefined && Object.keys(sub_mappings).length > 0;
  if (!hasParts) {
    return is_complex === true || sub_mappings !== undefined
      ? [
          "a complex field needs sub_mappings with at least one part; add them, or leave is_complex out",
        ]
      : [];
  }
  const own = {
    warp_field_path,
    type,
    transform,
    enum_values,
    create_property: written.create_property,
  };
  const refused = Object.entries(own).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  return [
    ...(is_complex === true
      ? []
      : ["sub_mappings are only read of a complex field; add is_complex: true"]),
    ...(refused.length > 0
      ? [
          `${refused.join(", ")} cannot be said of several parts at once; map that part as a field of its own`,
        ]
      : []),
  ];
}

function enumMistakes({ enum_values, type = "text" }: Mapping): readonly string[] {
  if (enum_values === undefined) return [];
  if (enum_values.length === 0) return ["enum_values is empty; list the values, or leave it out"];
  const keys = enum_values.map((value) => value.trim().toLowerCase());
  const isRepeated = new Set(keys).size < keys.length;
  const isBad = enum_values.some(
    (value) => value !== value.trim() || value === "" || /[;\r\n]/.test(value),
  );
  return [
    ...(isRepeated
      ? ["enum_values holds one value twice (case makes no difference); list each once"]
      : []),
    ...(isBad
      ? ["enum_values holds a value that is empty, or has ; or spaces around it; correct it"]
      : []),
    ...(type === "text" || type === "set"
      ? []
      : [`enum_values cannot be used on type ${type}; use text or set`]),
  ];
}

function pathMistakes({ warp_field, warp_field_path }: Mapping): readonly string[] {
  if (warp_field_path === undefined || warp_field_path.startsWith(`${warp_field}->>`)) return [];
  return [
    `warp_field is ${warp_field}, but warp_field_path leads into another column; name the same one in both`,
  ];
}

function propertyMistakes(entry: Entry): readonly string[] {
  const { property } = entry;
  if (!isPropertyName(property)) {
    return [
      `the part goes to the HubSpot property of its own name, and ${property} cannot be one; use lower-case letters, digits and _`,
    ];
  }
  return isPushed(entry) && isAlwaysReadOnly(property)
    ? [`${property} is read-only in HubSpot; use HUBSPOT_TO_WARP or NONE, or another property`]
    : [];
}

/** A field that no record has would be sent as empty for ever; a value that is pulled and not stored, sent back over HubSpot's. */
function placeMistakes(entry: Entry): readonly string[] {
  const { object, path } = entry;
  const [column = ""] = path;
  if (!isReadable(object, path)) return [missingPlace(entry, column)];
  const isLost = isPulled(entry) && !isStorable(object, path) && !isKey(entry);
  return isLost
    ? [
        `values from HubSpot cannot be stored in ${path.join(".")}; use WARP_TO_HUBSPOT, or pull into one of ${storablePlaces(object)}`,
      ]
    : [];
}

function missingPlace({ object, path }: Entry, column: string): string {
  if (path.length === 1 && isJsonColumn(object, column)) {
    return `${column} holds JSON; whole it cannot travel, not even WARP_TO_HUBSPOT; say which key with "warp_field_path": "${column}->>'key'"`;
  }
  if (path.length > 1 && isReadable(object, [column])) {
    return `${column} is a plain column without keys; leave warp_field_path out`;
  }
  return object === "contacts"
    ? `contacts have no ${column}; a column of an import that is none of ours is read with "warp_field": "custom", "warp_field_path": "custom->>'${column}'"`
    : `customers have no ${column}; use one of ${readablePlaces(object)}`;
}

function typeMistakes({ object, path, type }: Entry): readonly string[] {
  return isNumberColumn(object, path) && type !== "number"
    ? [`${path.join(".")} holds numbers; use type number, or leave type out`]
    : [];
}

function transformMistakes(entry: Entry): readonly string[] {
  const { transform } = entry.written;
  if (transform === undefined) return [];
  const { types, toRemote } = transformOf(transform);
  return [
    ...(isPushed(entry) && toRemote === null
      ? [
          `transform ${transform} works one way, from HubSpot; use HUBSPOT_TO_WARP, or a transform with an inverse`,
        ]
      : []),
    ...(types.includes(entry.type)
      ? []
      : [`transform ${transform} does not fit type ${entry.type}; use type ${types.join(" or ")}`]),
  ];
}

/** The key that customers and companies are matched by must be ours alone, as it is, and unique in HubSpot. */
function keyMistakes(entry: Entry): readonly string[] {
  const { object, property, type, written } = entry;
  if (object === "contacts") return emailMistakes(entry);
  if (!isKey(entry)) return [];
  const isAsItIs = type === "text" && written.transform === undefined && !written.enum_values;
  return [
    ...(isPulled(entry) ? ["the key of a customer comes from here; use WARP_TO_HUBSPOT"] : []),
    ...(isAsItIs ? [] : ["the key travels as it is; leave type, transform and enum_values out"]),
    ...(isHubspotOwn(object, property)
      ? [
          `companies are matched by it, and ${property} is not unique in HubSpot; use a property of your own, e.g. warp_ban`,
        ]
      : []),
  ];
}

function emailMistakes(entry: Entry): readonly string[] {
  return entry.property === "email" && !isKey(entry) && isPushed(entry)
    ? [
        "HubSpot matches contacts by email, so only the column email goes there; use another property",
      ]
    : [];
}
