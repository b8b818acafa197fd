/** Arguments as clients really send them: numbers, lists and objects that arrive as text are read back into what they mean. */
import { z } from "zod";

type Schema = z.core.SomeType;

/**
 * The value with text turned into what the schema asks for at that place, wherever that is unambiguous.
 *
 * Several MCP clients send arrays, objects and numbers as JSON text, query strings know only text, and models write null
 * for "not given". What cannot be read is left as it came, so that the schema itself refuses it. Never throws.
 */
export function decodeLenient(schema: Schema, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return value === null ? undefined : decodeLenient(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodPipe) {
    return decodeLenient(schema.in instanceof z.ZodTransform ? schema.out : schema.in, value);
  }
  if (schema instanceof z.ZodArray) return decodeArray(schema.element, value);
  if (schema instanceof z.ZodObject) return decodeObject(schema.shape, value);
  return decodePlain(schema, value);
}

function decodePlain(schema: Schema, value: unknown): unknown {
  if (schema instanceof z.ZodNumber) return decodeNumber(value);
  if (schema instanceof z.ZodBoolean) return decodeBoolean(value);
  if (schema instanceof z.ZodString) return decodeText(value);
  return schema instanceof z.ZodRecord ? decodeJson(value) : value;
}

function decodeNumber(value: unknown): unknown {
  if (typeof value !== "string" || value.trim() === "") return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

function decodeBoolean(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const word = value.trim().toLowerCase();
  if (word === "true") return true;
  return word === "false" ? false : value;
}

function decodeText(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

function decodeArray(element: Schema, value: unknown): unknown {
  const decoded = decodeJson(value);
  if (Array.isArray(decoded)) return decoded.map((item) => decodeLenient(element, item));
  if (typeof decoded !== "string" || element instanceof z.ZodObject) return decoded;
  const items = decoded.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "").map((item) => decodeLenient(element, item));
}

function decodeObject(shape: Readonly<Record<string, Schema>>, value: unknown): unknown {
  const decoded = decodeJson(value);
  if (decoded === null || typeof decoded !== "object" || Array.isArray(decoded)) return decoded;
  return Object.fromEntries(
    Object.entries(decoded)
      .map(([key, item]) => [key, decodeMember(shape, key, item)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function decodeMember(
  shape: Readonly<Record<string, Schema>>,
  key: string,
  value: unknown,
): unknown {
  const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
  return schema ? decodeLenient(schema, value) : value;
}

function decodeJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
