import type { UserName } from "./run.ts";

/** A method and path of the sample API, and by which grant each user may call it; a user who is missing may not. */
export interface Row {
  readonly method: string;
  readonly path: string;
  readonly grants: Readonly<Partial<Record<UserName, string>>>;
}

/** The value of `roles` in the context. */
export const ROLES: Readonly<Record<UserName, string>> = {
  admin: "admin authenticated",
  support: "authenticated support",
  customer: "authenticated customer",
  auditor: "auditor authenticated",
  nobody: "authenticated",
};

const everybody = (grant: string) => ({
  admin: grant,
  support: grant,
  customer: grant,
  auditor: grant,
  nobody: grant,
});

/** The access matrix, written a second time by hand. Requests come from outside the office, right after signing in. */
export const ROWS: readonly Row[] = [
  { method: "GET", path: "/home", grants: everybody("home.read") },
  { method: "GET", path: "/admin", grants: { admin: "admin.open" } },
  { method: "POST", path: "/admin", grants: { admin: "admin.open" } },
  { method: "GET", path: "/admin/users/7", grants: { admin: "admin.administer" } },
  { method: "DELETE", path: "/admin/users/7", grants: { admin: "admin.administer" } },
  { method: "GET", path: "/admin/status", grants: { admin: "admin.administer" } },
  { method: "GET", path: "/admin/ledger/2024", grants: { admin: "admin.administer" } },
  { method: "PUT", path: "/admin/ledger/2024", grants: {} },
  { method: "DELETE", path: "/admin/ledger/2024", grants: {} },
  {
    method: "GET",
    path: "/customers/42/orders",
    grants: { customer: "orders.read_own", support: "orders.read_any", auditor: "orders.read_any" },
  },
  {
    method: "GET",
    path: "/customers/43/orders",
    grants: { support: "orders.read_any", auditor: "orders.read_any" },
  },
  { method: "GET", path: "/orders/7", grants: { support: "orders.read_order", auditor: "orders.read_order" } },
  { method: "GET", path: "/orders/7/lines/1", grants: { support: "orders.read_order", auditor: "orders.read_order" } },
  { method: "POST", path: "/orders/7/refunds", grants: { support: "orders.refund" } },
];

export const USER_NAMES = Object.keys(ROLES) as readonly UserName[];
