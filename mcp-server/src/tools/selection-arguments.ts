/** The arguments by which enrich and sync say which contacts they mean. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { normaliseEmail } from "../core/email.ts";
import { AppError } from "../core/errors.ts";
import type { ContactFilter } from "../core/selection.ts";
import type { Store } from "../ports/store.ts";

const MAX_NAMED = 500;

export const emailsSchema = z
  .array(z.string().max(320))
  .min(1)
  .max(MAX_NAMED)
  .optional()
  .describe("Only these contacts");

export const idsSchema = z
  .array(z.number().min(1))
  .min(1)
  .max(MAX_NAMED)
  .optional()
  .describe("Only these local ids, as query-contacts shows them");

export interface SelectionInput {
  readonly emails?: readonly string[] | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly filter?: ContactFilter | undefined;
}

/** The selection as a job's arguments, with a remark about named contacts that are not in the store. */
export async function checkedSelection(
  input: SelectionInput,
  store: Store,
): Promise<{ readonly args: SelectionInput; readonly remarks: readonly string[] }> {
  // An empty filter is how models say "no filter"; taken at its word it would mean every contact there is.
  const filter = input.filter && Object.keys(input.filter).length > 0 ? input.filter : undefined;
  const given = [input.emails, input.ids, filter].filter((part) => part !== undefined);
  if (given.length > 1) {
    throw badArgument("filter", "Give only one of emails, ids and filter.");
  }
  if (input.emails) return await checkedEmails(input.emails, store);
  if (input.ids) return await checkedIds(input.ids, store);
  return { args: filter ? { filter } : {}, remarks: [] };
}

/** An address in the store's spelling. Throws `input` when it is none. */
export function emailArgument(argument: string, text: string): string {
  const email = normaliseEmail(text);
  if (email === null) {
    throw badArgument(argument, `"${argument}" must be an e-mail address such as ada@example.com.`);
  }
  return email;
}

async function checkedEmails(
  texts: readonly string[],
  store: Store,
): Promise<{ args: SelectionInput; remarks: readonly string[] }> {
  const emails = [...new Set(texts.map((text, index) => emailArgument(`emails[${index}]`, text)))];
  const known = await store.contacts.findByEmails(emails);
  return { args: { emails }, remarks: missingRemark(emails.length, known.length) };
}

async function checkedIds(
  texts: readonly number[],
  store: Store,
): Promise<{ args: SelectionInput; remarks: readonly string[] }> {
  const ids = [...new Set(texts)];
  if (!ids.every((id) => Number.isSafeInteger(id))) {
    throw badArgument("ids", '"ids" must be whole numbers, as query-contacts shows them.');
  }
  const known = await store.contacts.findByIds(ids);
  return { args: { ids }, remarks: missingRemark(ids.length, known.length) };
}

function missingRemark(asked: number, known: number): readonly string[] {
  if (known === 0) {
    throw new AppError(
      "not-found",
      "None of the named contacts is here yet; import them first, or look for them with query-contacts.",
    );
  }
  if (known >= asked) return [];
  return [`${asked - known} of the ${asked} named contacts are not here and were left out.`];
}
