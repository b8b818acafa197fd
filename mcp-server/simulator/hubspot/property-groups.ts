/** Property group endpoints. */
import { propertiesOf } from "./account.ts";
import { bodyObject, type Call, type Reply } from "./call.ts";
import { ApiFailure, invalid } from "./errors.ts";
import { readGroup } from "./property-input.ts";
import { renderGroup } from "./property-render.ts";
import type { PropertyGroup } from "./property-store.ts";

function find(call: Call): PropertyGroup {
  const [name = ""] = call.params;
  const group = propertiesOf(call.account, call.type).groups.get(name);
  if (group === undefined || group.archived)
    throw new ApiFailure(404, {
      message: `No property group named '${name}' exists.`,
      category: "OBJECT_NOT_FOUND",
      context: { name: [name] },
    });
  return group;
}

/** GET of all groups. */
export function listGroups(call: Call): Reply {
  const groups = [...propertiesOf(call.account, call.type).groups.values()];
  return {
    status: 200,
    body: { results: groups.filter(({ archived }) => !archived).map(renderGroup) },
  };
}

/** GET of one group. */
export function getGroup(call: Call): Reply {
  return { status: 200, body: renderGroup(find(call)) };
}

/** POST of one group. */
export function createGroup(call: Call): Reply {
  const { groups } = propertiesOf(call.account, call.type);
  const group = readGroup(propertiesOf(call.account, call.type), bodyObject(call));
  if (groups.get(group.name)?.archived === false)
    throw new ApiFailure(409, {
      message: `A property group named '${group.name}' already exists.`,
      category: "OBJECT_ALREADY_EXISTS",
      subCategory: "Properties.GROUP_WITH_NAME_EXISTS",
      context: { name: [group.name] },
    });
  groups.set(group.name, group);
  return { status: 201, body: renderGroup(group) };
}

/** PATCH of one group. */
export function patchGroup(call: Call): Reply {
  const group = find(call);
  const { label, displayOrder } = bodyObject(call);
  if (typeof label === "string") group.label = label;
  if (typeof displayOrder === "number") group.displayOrder = displayOrder;
  return { status: 200, body: renderGroup(group) };
}

/** DELETE of one group; 400 while live properties are in it. */
export function archiveGroup(call: Call): Reply {
  const group = find(call);
  const members = [...propertiesOf(call.account, call.type).definitions.values()].filter(
    (definition) => definition.groupName === group.name && definition.archivedAt === null,
  );
  if (members.length > 0)
    throw invalid(`Property group '${group.name}' still has ${members.length} active properties.`);
  group.archived = true;
  return { status: 204 };
}
