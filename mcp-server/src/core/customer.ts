/** What a customer of the billing system is: document B's fields and the record in the store. */

/** Money and limits: decimal numbers in the billing system's own unit (dollars), kept as text so that no cent is rounded. */
export const customerNumberFields = ["current_balance", "prepaid_balance", "credit_limit"] as const;
export type CustomerNumberField = (typeof customerNumberFields)[number];

/** Plain text fields of a customer besides its key `ban`, in the order of columns. */
export const customerTextFields = [
  "status",
  "tier",
  "payment_terms",
  "company_name",
  "legal_name",
] as const;
export type CustomerTextField = (typeof customerTextFields)[number];

/** JSON objects whose leaves are mapped by path. */
export const customerJsonFields = ["contact", "address", "external_ids"] as const;
export type CustomerJsonField = (typeof customerJsonFields)[number];

export type JsonObject = Readonly<Record<string, unknown>>;

/** The fields of a customer. null = known to be empty. `ban` is the billing account number, unique and never null. */
export interface CustomerFields
  extends Record<CustomerNumberField | CustomerTextField, string | null> {
  readonly ban: string;
  readonly contact: JsonObject | null;
  readonly address: JsonObject | null;
  readonly external_ids: JsonObject | null;
}

/**
 * A customer as the store keeps it. A JSON column that another program filled with something that is no JSON object is absent: nothing may
 * be concluded from it. Times are ISO-8601 UTC.
 */
export interface Customer
  extends Omit<CustomerFields, CustomerJsonField>,
    Partial<Pick<CustomerFields, CustomerJsonField>> {
  /** Local id; never changes. */
  readonly id: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The fields that can be set on a stored customer. JSON columns are set whole. */
export type CustomerPatch = Partial<Omit<CustomerFields, "ban">>;
