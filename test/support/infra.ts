import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { UserPool, type UserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IamExport } from "../../contract/iam-export.ts";
import { builtIn, createWorkspace, type WorkspaceOptions } from "../../dev/workspace.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { readRoutes } from "../../openapi/read-routes.ts";
import { ORDERS_POLICIES } from "./orders-policies.ts";

export const OPENAPI_FILE = "infra/example/api/openapi.yaml";

/** A `dist/` in a folder of its own. */
export interface TestDist extends AsyncDisposable {
  readonly distPath: string;
  readonly revision: string;
  /** Writes `iam.json`, of this build by default. */
  readonly writeIam: (changes: object) => Promise<void>;
}

/** Builds the policy of the example API with changes, for that API by default. */
export async function createDist(
  policies: Readonly<Record<string, string>> = {},
  api: WorkspaceOptions = { openApiFile: OPENAPI_FILE },
  keySets?: string,
): Promise<TestDist> {
  const workspace = await createWorkspace({ ...ORDERS_POLICIES, ...policies });
  const built = await builtIn(workspace.root, { keySetsFile: keySets, ...api });
  const distPath = join(workspace.root, "dist");
  const { revision } = built.manifest;
  return {
    distPath,
    revision,
    writeIam: (iam) => writeFile(join(distPath, "iam.json"), JSON.stringify({ revision, ...EXPORT, ...iam })),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

const HOME = { Effect: "Allow", Resource: ["GET/home"] } as const;

/** The export of the sample policy, shortened. */
export const EXPORT: Omit<IamExport, "revision"> = {
  groups: {
    Admins: {
      roles: ["admin", "authenticated"],
      statements: [HOME, { Effect: "Allow", Resource: ["GET/admin/*"] }, { Effect: "Deny", Resource: ["*/*%*"] }],
    },
    Customers: {
      roles: ["authenticated", "customer"],
      statements: [
        HOME,
        {
          Effect: "Allow",
          Resource: ["GET/customers/${aws:PrincipalTag/customer_id}/orders"],
          Condition: { StringNotLike: { "aws:PrincipalTag/customer_id": ["*/*", ".", "..", ""] } },
        },
      ],
    },
    Support: { roles: ["authenticated", "support"], statements: [HOME] },
  },
  authenticated: { roles: ["authenticated"], statements: [HOME] },
  tags: { "custom:customer_id": "customer_id" },
  gaps: [],
};

/** Creates a user pool, and a client whose users can write no claim that the policy decides on. */
export function createUsers(stack: Stack): { readonly userPool: UserPool; readonly client: UserPoolClient } {
  const userPool = new UserPool(stack, "Users");
  return { userPool, client: userPool.addClient("Client", { authFlows: { user: false }, oAuth: { scopes: [] } }) };
}

/** Creates a stack without a particular account and region, with an authorizer. */
export function createAuthorizer(distPath: string, props: Partial<PolicyAuthorizerProps> = {}) {
  const stack = new Stack(new App(), "Test");
  const trustedIssuers = [
    { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
  ];
  const authorizer = new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers, distPath, ...props });
  return { stack, authorizer };
}

/** Lists the properties of all resources of a type. */
export function propertiesOf(stack: Stack, type: string): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties }) => Properties);
}

/** Returns the message with which a synthesis fails. */
export function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "nothing failed";
}

export async function sampleRoutes() {
  const routes = await readRoutes(OPENAPI_FILE);
  if (!routes.ok) throw new Error(routes.error.join("\n"));
  return routes.value;
}

/** Takes the contract off the name of an authorizer, or of a security scheme. */
export function withoutContract(name: unknown): string {
  return String(name).replace(/-[0-9a-f]{12}$/, "");
}
