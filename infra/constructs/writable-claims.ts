import type { CfnResource } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPool, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import { isSame, resourcesOf, templateOf } from "./template.ts";
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

/** Unset, Cognito allows these (API reference, CreateUserPoolClient). */
const DEFAULT_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

/** Attributes of a user, rather than claims that Cognito makes, on which a policy decides. */
export function decidingAttributes(references: Dist["manifest"]["input_references"]): readonly string[] {
  const claims = references.flatMap(([root, part, name]) =>
    root === "principal" && part === "claims" && name ? [name] : [],
  );
  return attributesAmong(claims);
}

/** Of claims, those that are attributes of a user; `sub` is one that nobody writes. */
export function attributesAmong(claims: readonly string[]): readonly string[] {
  return claims.filter((name) => name.startsWith("custom:") || STANDARD_ATTRIBUTES.includes(name));
}

/**
 * Finds clients through which users can change what is decided on about them.
 *
 * An attribute is the user's, whichever client wrote it. So all clients of the pool are looked at, trusted or not.
 *
 * @returns A line for every such client: which attributes, why, and what to do.
 */
export function findWritable(
  construct: IConstruct,
  { userPool, clients, acknowledgeWritableClaims }: TrustedUserPool,
  attributes: readonly string[],
): readonly string[] {
  if (attributes.length === 0) return [];
  const pool = resourcesOf(construct, "AWS::Cognito::UserPool").find((one) =>
    isSame(one, one.ref, userPool.userPoolId),
  );
  const known = resourcesOf(construct, CfnUserPoolClient.CFN_RESOURCE_TYPE_NAME);
  const trusted = clients.map((client) => known.find((one) => isTemplateOf(one, client)));
  const seen = new Set([
    ...known.filter((one) => isOfPool(one, userPool)),
    ...trusted.filter((one) => one !== undefined),
  ]);
  const notVisible = [
    ...(pool === undefined ? [`clients of the user pool ${userPool.node.path}`] : []),
    ...clients.filter((_, at) => trusted[at] === undefined).map((client) => `the client ${client.node.path}`),
  ];
  const signUp =
    pool !== undefined && !isForAdministrators(pool)
      ? `whoever signs up sets it (the user pool ${pool.node.path} is not said to let administrators alone make users)`
      : undefined;
  return [
    ...(acknowledgeWritableClaims === true ? [] : notVisible.map((name) => describeNotVisible(name, attributes))),
    ...[...seen].flatMap((client) => findWritableBy(client, attributes, signUp)),
  ];
}

function describeNotVisible(name: string, attributes: readonly string[]): string {
  return (
    `whether users of ${name} can write ${attributes.join(", ")}, on which the policy decides, can't be seen from here; ` +
    "check WriteAttributes, and self sign-up, then set acknowledgeWritableClaims"
  );
}

function findWritableBy(
  client: CfnResource,
  attributes: readonly string[],
  signUp: string | undefined,
): readonly string[] {
  const template = templateOf(client);
  const way = findWay(template) ?? signUp;
  const writable = attributes.filter((attribute) => isWritable(template, attribute));
  if (way === undefined || writable.length === 0) return [];
  return [
    `the policy decides on ${writable.join(", ")}, which a user of the client ${nameOf(client)} can write, since ${way}; ` +
      "leave them out of its writeAttributes (unset or empty, all are writable), turn self sign-up off, or give users of a " +
      `directory a client of their own with the code flow only and without ${SELF_SERVICE_SCOPE}`,
  ];
}

function nameOf({ node }: CfnResource): string {
  return node.id === "Resource" ? (node.scope?.node.path ?? node.path) : node.path;
}

function isTemplateOf(template: CfnResource, client: IUserPoolClient): boolean {
  return client.node.defaultChild === template || isSame(template, template.ref, client.userPoolClientId);
}

function isOfPool(client: CfnResource, { userPoolId }: IUserPool): boolean {
  const own = CfnUserPoolClient.isCfnUserPoolClient(client) ? client.userPoolId : undefined;
  return isSame(client, own, userPoolId) || isSame(client, templateOf(client)["UserPoolId"], userPoolId);
}

function isForAdministrators(pool: CfnResource): boolean {
  return Object(templateOf(pool)["AdminCreateUserConfig"]).AllowAdminCreateUserOnly === true;
}

/** How a user of the client comes by a token that changes attributes, if there is a way. */
function findWay(template: Readonly<Record<string, unknown>>): string | undefined {
  const flows = textsOf(template["ExplicitAuthFlows"]);
  if (flows === undefined) return "its sign-in flows are known at deployment only";
  const direct = (flows.length > 0 ? flows : DEFAULT_FLOWS).find((flow) => flow !== "ALLOW_REFRESH_TOKEN_AUTH");
  if (direct !== undefined) return `it has the direct sign-in flow ${direct}`;
  const scopes = textsOf(template["AllowedOAuthScopes"]);
  if (scopes === undefined) return "its scopes are known at deployment only";
  return scopes.includes(SELF_SERVICE_SCOPE) ? `it has the scope ${SELF_SERVICE_SCOPE}` : undefined;
}

/** Whether an empty list means none or all is not documented; it is taken as all, as is one that can't be seen. */
function isWritable(template: Readonly<Record<string, unknown>>, attribute: string): boolean {
  const names = textsOf(template["WriteAttributes"]) ?? [];
  return names.length === 0 || names.includes(attribute);
}

/** A list of a template; undefined if something in it is known at deployment only. */
function textsOf(value: unknown = []): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
}
