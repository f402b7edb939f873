/** A statement for `execute-api:Invoke`; the resources are what follows the stage in an ARN, such as `GET/home`. */
export interface IamStatement {
  readonly Effect: "Allow" | "Deny";
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What one group, or whoever is signed in, is granted. */
export interface IamGrants {
  readonly roles: readonly string[];
  readonly statements: readonly IamStatement[];
}

/** `dist/iam.json`: the policy as documents for IAM. */
export interface IamExport {
  readonly revision: string;
  readonly groups: Readonly<Record<string, IamGrants>>;
  readonly authenticated: IamGrants;
  /** By claim, the principal tag that has its value. */
  readonly tags: Readonly<Record<string, string>>;
  /** What can't be said in IAM, and why. */
  readonly listed: readonly { readonly where: string; readonly what: string; readonly reason: string }[];
}

/** Reads an export; undefined if `value` is none. */
export function parseIamExport(value: unknown): IamExport | undefined {
  const { revision, groups, authenticated, tags, listed } = Object(value);
  const isExport =
    typeof revision === "string" &&
    isMap(groups) &&
    Object.values(groups).every(isGrants) &&
    isGrants(authenticated) &&
    isMap(tags) &&
    Object.values(tags).every((tag) => typeof tag === "string") &&
    Array.isArray(listed);
  return isExport ? (value as IamExport) : undefined;
}

function isGrants(value: unknown): boolean {
  const { roles, statements } = Object(value);
  return isTexts(roles) && Array.isArray(statements) && statements.every(isStatement);
}

/** One that names no resource, or both what it is for and what it is not for, could be read as being for everything. */
function isStatement(value: unknown): boolean {
  const { Effect: effect, Resource: resource, NotResource: others } = Object(value);
  const isOne = (isTexts(resource) && others === undefined) || (isTexts(others) && resource === undefined);
  return (effect === "Allow" || effect === "Deny") && isOne && !(effect === "Allow" && others !== undefined);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
