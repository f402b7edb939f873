import { readFileSync } from "node:fs";

/** The deployment of `npm run e2e`, for the tests; it is in the file that `E2E_RUN` names. */
export interface Run {
  readonly port: number;
  readonly region: string;
  /** The folder of this run's files, private to its user. */
  readonly folder: string;
  readonly orders: OrdersOutputs;
  readonly identityPool: IdentityPoolOutputs;
  /** ID tokens of the user pool of the stack `Orders`. */
  readonly tokens: Readonly<Record<UserName, string>>;
  /** ID tokens of the user pool behind the identity pool. */
  readonly identityTokens: Readonly<Record<UserName, string>>;
  readonly probes: Probes;
}

/** An API beside the example app. */
export interface Probes {
  readonly apiId: string;
}

/** A user pool, and the client that users sign in through. */
export interface Pool {
  readonly UserPoolId: string;
  readonly UserPoolClientId: string;
}

/** Outputs of the stack `Orders`. */
export interface OrdersOutputs extends Pool {
  readonly RestApiId: string;
  readonly HttpApiId: string;
  readonly WebSocketApiId: string;
  readonly AuthorizerFunctionName: string;
}

/** Outputs of the stack `OrdersIdentityPool`. */
export interface IdentityPoolOutputs extends Pool {
  readonly IamApiId: string;
  readonly IdentityPoolId: string;
  readonly RoleArnAuthenticated: string;
  readonly RoleArnAdmins: string;
  readonly RoleArnSupport: string;
  readonly RoleArnCustomers: string;
}

/** The fields that a connection to the emulator needs. */
export type Emulator = Pick<Run, "port" | "region">;

const ORDERS: readonly (keyof OrdersOutputs)[] = [
  "UserPoolId",
  "UserPoolClientId",
  "RestApiId",
  "HttpApiId",
  "WebSocketApiId",
  "AuthorizerFunctionName",
];

const IDENTITY_POOL: readonly (keyof IdentityPoolOutputs)[] = [
  "UserPoolId",
  "UserPoolClientId",
  "IamApiId",
  "IdentityPoolId",
  "RoleArnAuthenticated",
  "RoleArnAdmins",
  "RoleArnSupport",
  "RoleArnCustomers",
];

/** A user of the sample policy: another one does not compile until the tables of these tests have it. */
export type UserName = "admin" | "support" | "customer" | "auditor" | "nobody";

/** Reads the output of `cdk deploy --outputs-file`: outputs by stack. */
export function parseOutputs(text: string): Pick<Run, "orders" | "identityPool"> {
  const { Orders, OrdersIdentityPool } = JSON.parse(text);
  const has = (stack: unknown) => (name: string) => typeof Object(stack)[name] === "string";
  const missing = [
    ...ORDERS.filter((name) => !has(Orders)(name)).map((name) => `Orders.${name}`),
    ...IDENTITY_POOL.filter((name) => !has(OrdersIdentityPool)(name)).map((name) => `OrdersIdentityPool.${name}`),
  ];
  if (missing.length > 0) throw new Error(`the stacks lack the outputs ${missing.join(", ")}`);
  return { orders: Orders, identityPool: OrdersIdentityPool };
}

export function readRun(): Run {
  const file = process.env["E2E_RUN"];
  if (file === undefined) throw new Error("these tests need what npm run e2e puts up");
  return JSON.parse(readFileSync(file, "utf8")) as Run;
}
