/** What an operation is authorized by. */
export interface Scheme {
  readonly name: string;
  /** What is called, and how long its answers are kept; undefined for IAM authorization. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

/** What can be said of an operation's authorization. */
export type Security = { readonly schemes: readonly Scheme[] } | { readonly schemes?: never; readonly error: string };

/** The keys of an operation that say how it is authorized. */
type Secured = Readonly<Record<string, unknown>>;

/** An API key is none: it meters, and authorizes nobody. */
const NO_AUTHORIZER = "is no authorizer of API Gateway, so that it is open";

/**
 * Reads what an operation is authorized by: all schemes of its one requirement.
 *
 * What stands at the root of the document does not count (developer guide, "Amazon API Gateway important notes").
 *
 * @returns Or why it is open, or could be.
 */
export function readSecurity(document: unknown, operation: Secured): Security {
  const { security } = operation;
  if (!Array.isArray(security) || security.length === 0)
    return refuse("has no security of its own, so that it is open to everybody");
  if (security.length > 1)
    return refuse("has several alternatives in its security, the weakest of which counts; leave one");
  const names = Object.keys(Object(security[0]));
  if (names.length === 0) return refuse("has an empty alternative in its security, so that it is open to everybody");
  const all = schemesOf(document);
  const schemes: Scheme[] = [];
  for (const name of names) {
    const scheme = Object.hasOwn(all, name) ? toScheme(name, all[name]) : undefined;
    if (scheme === undefined) return refuse(`names ${name}, which ${NO_AUTHORIZER}`);
    schemes.push(scheme);
  }
  const isIam = schemes.every(({ authorizer }) => authorizer === undefined);
  const differs = findOwnAuth(operation, isIam);
  return differs === undefined ? { schemes } : refuse(differs);
}

/** It is authorized by IAM, and by nothing else. */
export function isIamOperation(document: unknown, operation: Secured): boolean {
  const { schemes } = readSecurity(document, operation);
  return schemes?.every(({ authorizer }) => authorizer === undefined) === true;
}

/**
 * API Gateway's own word for how an operation is authorized, if it is another than `security`.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-auth object"
 */
export function findOwnAuth(operation: Secured, isIam: boolean): string | undefined {
  const { "x-amazon-apigateway-auth": auth } = operation;
  if (auth === undefined) return undefined;
  const type = Object(auth).type;
  if (isIam && typeof type === "string" && type.toUpperCase() === "AWS_IAM") return undefined;
  return `says ${JSON.stringify(type) ?? "nothing"} in x-amazon-apigateway-auth, which its security does not; take that out`;
}

function refuse(error: string): Security {
  return { error };
}

/** Of OpenAPI 3 or Swagger 2. */
function schemesOf(document: unknown): Readonly<Record<string, unknown>> {
  const { swagger, components, securityDefinitions } = Object(document);
  return Object(swagger === undefined ? Object(components).securitySchemes : securityDefinitions);
}

function toScheme(name: string, scheme: unknown): Scheme | undefined {
  const { "x-amazon-apigateway-authorizer": authorizer, "x-amazon-apigateway-authtype": type } = Object(scheme);
  if (authorizer === undefined) return type === "awsSigv4" ? { name, authorizer } : undefined;
  return typeof Object(authorizer).type === "string" ? { name, authorizer } : undefined;
}
