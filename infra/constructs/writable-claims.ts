import type { CfnResource } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPool, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import { isTexts } from "../../contract/json.ts";
import { isSame, resourcesOf, templateOf } from "./template.ts";
import type { TrustedUserPool } from "./trusted-issuers.ts";

/** Standard attributes that a client can let users write (Cognito developer guide, "Working with user attributes"). */
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

/** The scope of a token that may call `UpdateUserAttributes`. Every access token of a direct sign-in has it. */
const SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin";

/** The flows that Cognito allows if a client names none (API reference, CreateUserPoolClient). */
const DEFAULT_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

/** Lists the user attributes on which a policy decides. Claims that Cognito makes itself are not among them. */
export function decidingAttributes(references: Dist["manifest"]["input_references"]): readonly string[] {
  const claims = references.flatMap(([root, part, name]) =>
    root === "principal" && part === "claims" && name ? [name] : [],
  );
  return attributesAmong(claims);
}

/** Filters claims for attributes that a user could write. Nobody can write `sub`. */
export function attributesAmong(claims: readonly string[]): readonly string[] {
  return claims.filter((name) => name.startsWith("custom:") || STANDARD_ATTRIBUTES.includes(name));
}

/**
 * Finds clients through which users can write their own attributes on which the policy decides.
 *
 * An attribute belongs to the user, whichever client wrote it. So the check covers all clients of the pool, trusted or not.
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
  const visible = new Set([
    ...known.filter((one) => isOfPool(one, userPool)),
    ...trusted.filter((one) => one !== undefined),
  ]);
  const notVisible = [
    ...(pool === undefined ? [`clients of the user pool ${userPool.node.path}`] : []),
    ...clients.filter((_, at) => trusted[at] === undefined).map((client) => `the client ${client.node.path}`),
  ];
  const signUp =
    pool !== undefined && !isForAdministrators(pool)
      ? `users who sign up set them (the user pool ${pool.node.path} does not set AllowAdminCreateUserOnly to true)`
      : undefined;
  return [
    ...(acknowledgeWritableClaims === true ? [] : notVisible.map((name) => describeNotVisible(name, attributes))),
    ...[...visible].flatMap((client) => findWritableBy(client, attributes, signUp)),
  ];
}

function describeNotVisible(name: string, attributes: readonly string[]): string {
  return (
    `the policy decides on ${attributes.join(", ")}, and it is not visible at synthesis whether users of ${name} can write them; ` +
    "check WriteAttributes and self sign-up, then set acknowledgeWritableClaims"
  );
}

function findWritableBy(
  client: CfnResource,
  attributes: readonly string[],
  signUp: string | undefined,
): readonly string[] {
  const template = templateOf(client);
  const access = describeWriteAccess(template) ?? signUp;
  const writable = attributes.filter((attribute) => isWritable(template, attribute));
  if (access === undefined || writable.length === 0) return [];
  return [
    `the policy decides on ${writable.join(", ")}, which a user of the client ${nameOf(client)} can write, since ${access}; ` +
      "leave them out of its writeAttributes (if that is unset or empty, all are writable), turn self sign-up off, or give users of a " +
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

/** Says how a user of a client gets a token that may write attributes; undefined if no user does. */
function describeWriteAccess(template: Readonly<Record<string, unknown>>): string | undefined {
  const flows = textsOf(template["ExplicitAuthFlows"]);
  if (flows === undefined) return "its sign-in flows are known at deployment only";
  const direct = (flows.length > 0 ? flows : DEFAULT_FLOWS).find((flow) => flow !== "ALLOW_REFRESH_TOKEN_AUTH");
  if (direct !== undefined) return `it has the direct sign-in flow ${direct}`;
  const scopes = textsOf(template["AllowedOAuthScopes"]);
  if (scopes === undefined) return "its scopes are known at deployment only";
  return scopes.includes(SELF_SERVICE_SCOPE) ? `it has the scope ${SELF_SERVICE_SCOPE}` : undefined;
}

/**
 * Tells whether a client can write an attribute. An empty list counts as all attributes, since AWS does not document its
 * meaning; so does a list that is known at deployment only.
 */
function isWritable(template: Readonly<Record<string, unknown>>, attribute: string): boolean {
  const names = textsOf(template["WriteAttributes"]) ?? [];
  return names.length === 0 || names.includes(attribute);
}

/** Reads a list of strings in a template; undefined if an entry is known at deployment only. */
function textsOf(value: unknown = []): readonly string[] | undefined {
  return isTexts(value) ? value : undefined;
}
