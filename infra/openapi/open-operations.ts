const METHODS = new Set(["delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method"]);

/** An operation of an OpenAPI document. */
export interface Operation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  readonly path: string;
  /** As in the document. */
  readonly key: string;
  readonly operation: Readonly<Record<string, unknown>>;
}

/** All operations of a document. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
    Object.entries(Object(item)).flatMap(([key, operation]) => {
      if (!METHODS.has(key)) return [];
      const verb = key.startsWith("x-") ? "ANY" : key.toUpperCase();
      return [{ verb, path, key, operation: Object(operation) }];
    }),
  );
}

/** Security schemes, by name, of OpenAPI 3 or Swagger 2. */
export function schemesOf(document: unknown): Readonly<Record<string, unknown>> {
  const { components, securityDefinitions } = Object(document);
  return Object(Object(components).securitySchemes ?? securityDefinitions);
}

/** It answers itself, as a preflight does. */
export function isPreflightOperation({ verb, operation }: Operation): boolean {
  const integration = Object(operation["x-amazon-apigateway-integration"]);
  return verb === "OPTIONS" && String(integration.type).toLowerCase() === "mock";
}

/**
 * Finds operations that API Gateway would open to everybody.
 *
 * What stands at the root of the document does not count (developer guide, "Amazon API Gateway important notes").
 *
 * @returns A line for each.
 */
export function findOpenOperations(document: unknown): readonly string[] {
  const operations = operationsOf(document);
  if (operations.length === 0) return ["the API's document has no operation that can be seen"];
  const schemes = schemesOf(document);
  return operations.flatMap((one) => {
    const { verb, path, operation } = one;
    if (isPreflightOperation(one)) return [];
    const { security } = operation;
    const names = Array.isArray(security) ? security.flatMap((requirement) => Object.keys(Object(requirement))) : [];
    if (names.length === 0)
      return [`the operation ${verb} ${path} has no security of its own, so that it is open to everybody`];
    const unknown = names.filter((name) => !isEnforced(schemes[name]));
    return unknown.map(
      (name) =>
        `the operation ${verb} ${path} names ${name}, which is no authorizer of API Gateway, so that it is open`,
    );
  });
}

/** An API key is none: it meters, and authorizes nobody. */
function isEnforced(scheme: unknown): boolean {
  const { "x-amazon-apigateway-authorizer": authorizer, "x-amazon-apigateway-authtype": type } = Object(scheme);
  return type === "awsSigv4" || (typeof authorizer === "object" && authorizer !== null);
}
