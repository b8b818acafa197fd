/** A tool's schemas as JSON Schema, the one form that MCP's tools/list and the OpenAPI document both show. */
import { z } from "zod";
import type { Tool } from "./tool.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a caller may send. */
export function inputSchemaOf(tool: Pick<Tool, "input">): JsonSchema {
  return plain(tool.input, "input");
}

/** What a caller gets. */
export function outputSchemaOf(tool: Pick<Tool, "output">): JsonSchema {
  return plain(tool.output, "output");
}

/** Any schema in the same form: without the words that only cost tokens in every conversation. */
export function plain(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema, path }) => {
      // Keys of JSON objects are text anyway; and whoever sends too long a text is told how long it may be.
      delete jsonSchema.propertyNames;
      delete jsonSchema.maxLength;
      // What the parts of an answer always have is seen in the answer.
      if (io === "output" && path.length > 0) delete jsonSchema.required;
      // An answer may grow; only arguments are closed.
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
      // What is understood beside the one type that is advertised is a courtesy, and no business of a schema reader.
      if (typeof jsonSchema.type === "string") delete jsonSchema.anyOf;
      // Strict schema readers take `true` for "anything", and stumble over the empty schema that means the same.
      if (isEmpty(jsonSchema.additionalProperties)) jsonSchema.additionalProperties = true;
    },
  });
  return rest;
}

function isEmpty(schema: unknown): boolean {
  return schema !== null && typeof schema === "object" && Object.keys(schema).length === 0;
}
