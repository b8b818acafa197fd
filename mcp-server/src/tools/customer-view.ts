/** A customer as query-contacts shows it beside its story: what it is known by, cleaned. */
import { type Customer, customerNumberFields, customerTextFields } from "../core/customer.ts";
import { withoutInvisible } from "../core/untrusted.ts";

const shown = [
  "id",
  ...customerTextFields,
  ...customerNumberFields,
  "created_at",
  "updated_at",
] as const;

/** The plain columns of a customer, its billing account number first; what JSON columns hold is told field by field in the story. */
export function viewCustomer(
  customer: Customer,
  hubspotId: string | null,
): { ban: string; [field: string]: unknown } {
  const fields = shown.map((field) => [field, withoutInvisible(customer[field])]);
  const ban = String(withoutInvisible(customer.ban));
  return { ban, ...Object.fromEntries(fields), hubspot_id: hubspotId };
}
