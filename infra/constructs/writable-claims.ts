import { Stack } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IConstruct } from "constructs";
import type { Dist } from "../../build/dist.ts";
import type { TrustedUserPool } from "./trusted-issuers.ts";

/** Standard attributes of a user pool that a user may be let write (Cognito developer guide, "Working with user attributes"). */
const STANDARD_ATTRIBUTES = [
  "address",
  "birthdate",
  "email",
  "family_name",
  "gender",
  "given_name",
  "locale",
  "middle_name",
  "name",
  "nickname",
  "phone_number",
  "picture",
  "preferred_username",
  "profile",
  "updated_at",
  "website",
  "zoneinfo",
];

/** With this in a token its bearer calls `UpdateUserAttributes`. Every token of a direct sign-in has it. */
const SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin";

/** Attributes of a user, rather than claims that Cognito makes, on which a policy decides. */
export function decidingAttributes(reads: Dist["manifest"]["reads"]): readonly string[] {
  const claims = reads.flatMap(([root, part, name]) =>
    root === "principal" && part === "claims" && name ? [name] : [],
  );
  return claims.filter((name) => name.startsWith("custom:") || STANDARD_ATTRIBUTES.includes(name));
}

/**
 * Finds clients through which users can change what is decided on about them.
 *
 * @returns A line for every such client: which attributes, why, and what to do.
 */
export function findWritable(
  construct: IConstruct,
  { clients, writableClaimsChecked }: TrustedUserPool,
  attributes: readonly string[],
): readonly string[] {
  if (attributes.length === 0) return [];
  return clients.flatMap((client) => {
    const template = templateOf(construct, client);
    const name = client.node.path;
    if (template === undefined) {
      if (writableClaimsChecked === "elsewhere") return [];
      return [
        `whether users of the client ${name} can write ${attributes.join(", ")}, on which the policy decides, can't be seen ` +
          'from here; check its WriteAttributes, then say writableClaimsChecked: "elsewhere"',
      ];
    }
    const way = findWay(template);
    const writable = attributes.filter((attribute) => isWritable(template, attribute));
    if (way === undefined || writable.length === 0) return [];
    return [
      `the policy decides on ${writable.join(", ")}, which a user of the client ${name} can write, since ${way}; ` +
        "leave them out of its writeAttributes (unset or empty, all are writable), or give users of a directory a client " +
        `of their own with the code flow only and without ${SELF_SERVICE_SCOPE}`,
    ];
  });
}

/** The client as the template has it, if it is of this app. */
function templateOf(construct: IConstruct, client: IUserPoolClient): CfnUserPoolClient | undefined {
  const own = client.node.defaultChild;
  if (CfnUserPoolClient.isCfnUserPoolClient(own)) return own;
  const stack = Stack.of(construct);
  const id = JSON.stringify(stack.resolve(client.userPoolClientId));
  return stack.node.root.node
    .findAll()
    .filter((node) => CfnUserPoolClient.isCfnUserPoolClient(node))
    .find((node) => JSON.stringify(stack.resolve(node.ref)) === id && Stack.of(node) === stack);
}

/** How a user of the client comes by a token that changes attributes, if there is a way. */
function findWay(client: CfnUserPoolClient): string | undefined {
  // Unset, Cognito allows ALLOW_USER_SRP_AUTH and ALLOW_CUSTOM_AUTH (API reference, CreateUserPoolClient).
  const flows = client.explicitAuthFlows ?? ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];
  const direct = flows.find((flow) => !/^ALLOW_REFRESH_TOKEN_AUTH$/.test(flow));
  if (direct !== undefined) return `it has the direct sign-in flow ${direct}`;
  const scopes = client.allowedOAuthScopes ?? [];
  return scopes.includes(SELF_SERVICE_SCOPE) ? `it has the scope ${SELF_SERVICE_SCOPE}` : undefined;
}

/** Whether an empty list means none or all is not documented; it is taken as all. */
function isWritable({ writeAttributes = [] }: CfnUserPoolClient, attribute: string): boolean {
  return writeAttributes.length === 0 || writeAttributes.includes(attribute);
}
