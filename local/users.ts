/** A user of the sample policy. */
export interface User {
  readonly name: string;
  /** The claim that decides the user's role, for people to read. */
  readonly knownBy: string;
  readonly groups: readonly string[];
  /** The user's attributes, which like Cognito's are in the ID token only. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The password of every user. */
export const PASSWORD = "Passw0rd!";

export const USERS = [
  { name: "admin", knownBy: "group Admins", groups: ["Admins"], attributes: {} },
  { name: "support", knownBy: "group Support", groups: ["Support"], attributes: {} },
  {
    name: "customer",
    knownBy: "group Customers, custom:customer_id 42",
    groups: ["Customers"],
    attributes: { "custom:customer_id": "42" },
  },
  {
    name: "auditor",
    knownBy: "SAML attribute custom:department [Audit, Ops]",
    groups: [],
    attributes: { "custom:department": "[Audit, Ops]" },
  },
  { name: "nobody", knownBy: "no group", groups: [], attributes: {} },
] as const satisfies readonly User[];
