/** The people of the demo account who can own records. */

/** One owner. The owner id is not the user id. */
export type Owner = {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly userId: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
};

const SINCE = "2024-02-06T09:15:41.220Z";

/** Two active owners and one who left. */
export const DEMO_OWNERS: readonly Owner[] = [
  {
    id: "71204511",
    email: "ines.ferreira@northwind-demo.com",
    firstName: "Inês",
    lastName: "Ferreira",
    userId: 76_070_032,
    createdAt: SINCE,
    updatedAt: SINCE,
    archived: false,
  },
  {
    id: "71204512",
    email: "tom.okafor@northwind-demo.com",
    firstName: "Tom",
    lastName: "Okafor",
    userId: 76_070_033,
    createdAt: SINCE,
    updatedAt: "2025-06-18T14:02:10.004Z",
    archived: false,
  },
  {
    id: "71204513",
    email: "former.colleague@northwind-demo.com",
    firstName: "Former",
    lastName: "Colleague",
    userId: 76_070_034,
    createdAt: SINCE,
    updatedAt: "2025-09-30T08:00:00.000Z",
    archived: true,
  },
];
