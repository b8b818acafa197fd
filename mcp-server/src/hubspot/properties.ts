/** Reads property definitions. */
import { z } from "zod";
import type { ExistingProperty } from "../core/crm-setup.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { propertyList } from "./paths.ts";
import type { Send } from "./requester.ts";
import { readAnswer } from "./wire.ts";

const KNOWN_TYPES = ["string", "number", "date", "datetime", "enumeration", "bool"] as const;

const propertySchema = z
  .object({
    name: z.string(),
    label: z.string().catch(""),
    // Telephone numbers, coordinates and the like are text to us.
    type: z.enum(KNOWN_TYPES).catch("string"),
    fieldType: z.string().catch(""),
    groupName: z.string().catch(""),
    description: z.string().optional().catch(undefined),
    hasUniqueValue: z.boolean().optional().catch(undefined),
    calculated: z.boolean().optional().catch(undefined),
    externalOptions: z.boolean().optional().catch(undefined),
    modificationMetadata: z.object({ readOnlyValue: z.boolean().optional() }).optional(),
    options: z
      .array(z.object({ label: z.string(), value: z.string() }))
      .optional()
      .catch(undefined),
  })
  .transform(
    ({
      modificationMetadata,
      calculated,
      externalOptions,
      description,
      hasUniqueValue,
      options,
      ...rest
    }) =>
      ({
        ...rest,
        readOnly: modificationMetadata?.readOnlyValue ?? false,
        calculated: calculated ?? false,
        externalOptions: externalOptions ?? false,
        ...(description === undefined ? {} : { description }),
        ...(hasUniqueValue === undefined ? {} : { hasUniqueValue }),
        ...(options === undefined ? {} : { options }),
      }) satisfies ExistingProperty,
  );

const listSchema = z.object({ results: z.array(propertySchema).nonempty() });

/** All definitions that are not archived. Never empty: every object has HubSpot's own. */
export async function readProperties(
  send: Send,
  object: CrmObject,
  call?: CrmCall,
): Promise<readonly ExistingProperty[]> {
  const answer = await readAnswer(
    send,
    { method: "GET", route: propertyList(object), lane: "objects", effect: "read" },
    listSchema,
    call,
  );
  return answer.results;
}
