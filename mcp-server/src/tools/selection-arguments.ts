/** The arguments by which enrich and sync say which records they mean. */
import { z } from "zod";
import { badArgument } from "../core/argument-error.ts";
import { normaliseEmail } from "../core/email.ts";
import { AppError } from "../core/errors.ts";
import type { MappedObject } from "../core/field-map.ts";
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
  .describe("Only these local ids");

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

/**
 * Customers are selected by their ids alone.
 *
 * @throws AppError `input` when contacts' selections came with them
 */
export async function checkedCustomers(
  { emails, ids, filter }: SelectionInput,
  store: Store,
): Promise<{ readonly args: SelectionInput; readonly remarks: readonly string[] }> {
  const stray = emails ? "emails" : filter ? "filter" : null;
  if (stray) {
    throw badArgument(
      stray,
      `"${stray}" selects contacts; with "object" customers give "ids" or leave the selection out.`,
    );
  }
  if (!ids) return { args: {}, remarks: [] };
  const whole = wholeIds(ids);
  const known = await store.customers.findByIds(whole);
  return { args: { ids: whole }, remarks: missingRemark("customers", whole.length, known.length) };
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
  return { args: { emails }, remarks: missingRemark("contacts", emails.length, known.length) };
}

async function checkedIds(
  texts: readonly number[],
  store: Store,
): Promise<{ args: SelectionInput; remarks: readonly string[] }> {
  const ids = wholeIds(texts);
  const known = await store.contacts.findByIds(ids);
  return { args: { ids }, remarks: missingRemark("contacts", ids.length, known.length) };
}

function wholeIds(given: readonly number[]): readonly number[] {
  if (given.every((id) => Number.isSafeInteger(id))) return [...new Set(given)];
  throw badArgument("ids", '"ids" must be whole numbers, as query-contacts shows them.');
}

function missingRemark(what: MappedObject, asked: number, known: number): readonly string[] {
  if (known === 0) {
    throw new AppError(
      "not-found",
      `None of the named ${what} is here yet; import them first, or look for them with query-contacts.`,
    );
  }
  if (known >= asked) return [];
  return [`${asked - known} of the ${asked} named ${what} are not here and were left out.`];
}
