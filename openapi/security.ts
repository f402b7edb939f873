/** A security scheme that authorizes an operation. */
export interface Scheme {
  readonly name: string;
  /** The `x-amazon-apigateway-authorizer` object; undefined for IAM authorization. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

/** The schemes of an operation, or why it is open to everybody or could be. */
export type Security = { readonly schemes: readonly Scheme[] } | { readonly schemes?: never; readonly error: string };

/** An operation as the document has it. */
type OperationObject = Readonly<Record<string, unknown>>;

/** An API key is not an authorizer either: it meters, and authorizes nobody. */
const NO_AUTHORIZER = "is not an authorizer of API Gateway, so the operation is open to everybody";

/**
 * Reads the schemes that authorize an operation. Its `security` must have exactly one requirement, and all schemes of that count.
 *
 * API Gateway ignores `security` at the root of the document.
 *
 * @see API Gateway developer guide, "Amazon API Gateway important notes"
 */
export function readSecurity(document: unknown, operation: OperationObject): Security {
  const { security } = operation;
  if (!Array.isArray(security) || security.length === 0)
    return { error: "has no security of its own, so it is open to everybody" };
  if (security.length > 1)
    return { error: "has several alternatives in its security, and the weakest of them counts; leave one" };
  const names = Object.keys(Object(security[0]));
  if (names.length === 0) return { error: "has an empty alternative in its security, so it is open to everybody" };
  const all = schemesOf(document);
  const schemes: Scheme[] = [];
  for (const name of names) {
    const scheme = Object.hasOwn(all, name) ? toScheme(name, all[name]) : undefined;
    if (scheme === undefined) return { error: `names ${name}, which ${NO_AUTHORIZER}` };
    schemes.push(scheme);
  }
  const isIam = schemes.every(({ authorizer }) => authorizer === undefined);
  const conflict = findAuthConflict(operation, isIam);
  return conflict === undefined ? { schemes } : { error: conflict };
}

/**
 * Tells whether a document opens an operation to everybody on purpose.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-auth object"
 */
export function isDeclaredOpen(operation: OperationObject): boolean {
  const { type } = Object(operation["x-amazon-apigateway-auth"]);
  return JSON.stringify(operation["security"]) === "[]" || String(type).toUpperCase() === "NONE";
}

/** Tells whether an operation is authorized by IAM and by nothing else. */
export function isIamOperation(document: unknown, operation: OperationObject): boolean {
  const { schemes } = readSecurity(document, operation);
  return schemes?.every(({ authorizer }) => authorizer === undefined) === true;
}

/**
 * Finds `x-amazon-apigateway-auth` at an operation if it contradicts `security`.
 *
 * @param isIam - `security` says IAM authorization.
 * @returns The error, or undefined.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-auth object"
 */
export function findAuthConflict(operation: OperationObject, isIam: boolean): string | undefined {
  const { "x-amazon-apigateway-auth": auth } = operation;
  if (auth === undefined) return undefined;
  const type = Object(auth).type;
  if (isIam && typeof type === "string" && type.toUpperCase() === "AWS_IAM") return undefined;
  return `sets x-amazon-apigateway-auth to ${JSON.stringify(type) ?? "nothing"}, which contradicts its security; remove it`;
}

/** Reads the security schemes of a document, OpenAPI 3 or Swagger 2. */
export function schemesOf(document: unknown): Readonly<Record<string, unknown>> {
  const { swagger, components, securityDefinitions } = Object(document);
  return Object(swagger === undefined ? Object(components).securitySchemes : securityDefinitions);
}

function toScheme(name: string, scheme: unknown): Scheme | undefined {
  const { "x-amazon-apigateway-authorizer": authorizer, "x-amazon-apigateway-authtype": type } = Object(scheme);
  if (authorizer === undefined) return type === "awsSigv4" ? { name, authorizer } : undefined;
  return typeof Object(authorizer).type === "string" ? { name, authorizer } : undefined;
}

/**
 * Lists the API keys that an operation requires. They meter requests and authorize nobody, so that they stay on a public route.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-api-key-source property"
 */
export function apiKeysOf(document: unknown, { security }: OperationObject): readonly string[] {
  const all = schemesOf(document);
  const named = Array.isArray(security) ? security.flatMap((one) => Object.keys(Object(one))) : [];
  return [...new Set(named)].filter((name) => {
    const scheme = Object(Object.hasOwn(all, name) ? all[name] : undefined);
    return scheme.type === "apiKey" && toScheme(name, scheme) === undefined;
  });
}
