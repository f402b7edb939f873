import fc from "fast-check";

/** What becomes of an operation: the API keys beside the policy's authorizer, or nothing of the policy's. */
export type Meant =
  | { readonly by: "policy"; readonly keys: readonly string[] }
  | { readonly by: "iam" | "nobody" | "preflight" };

const POLICY = { by: "policy", keys: [] } as const;
const POLICY_AND_KEY = { by: "policy", keys: ["api_key"] } as const;

/** What an operation says about its security, and what is meant by it. Without a word, the root of the document counts. */
const SAYINGS: Readonly<Record<string, { readonly text: string; readonly meant: Meant | "root" }>> = {
  nothing: { text: "", meant: "root" },
  "a described scheme": { text: "security: [{bearer: []}]", meant: POLICY },
  "an authorizer": { text: "security: [{pool: [read]}]", meant: POLICY },
  "a key": { text: "security: [{api_key: []}]", meant: POLICY_AND_KEY },
  "an authorizer and a key": { text: "security: [{pool: [], api_key: []}]", meant: POLICY_AND_KEY },
  "an authorizer, and a key as AWS SAM writes it": {
    text: "security: [{pool: []}, {api_key: []}]",
    meant: POLICY_AND_KEY,
  },
  "a key, then a described scheme": { text: "security: [{api_key: [], bearer: []}]", meant: POLICY_AND_KEY },
  IAM: { text: "security: [{signed: []}]", meant: { by: "iam" } },
  "IAM and a key": { text: "security: [{signed: []}, {api_key: []}]", meant: { by: "iam" } },
  "an empty list": { text: "security: []", meant: { by: "nobody" } },
  "an empty requirement": { text: "security: [{}]", meant: { by: "nobody" } },
  "the marker of AWS SAM": { text: "security: [{NONE: []}]", meant: { by: "nobody" } },
  "the type none": { text: "x-amazon-apigateway-auth: {type: none}", meant: { by: "nobody" } },
  "the type NONE": { text: "x-amazon-apigateway-auth: {type: NONE}", meant: { by: "nobody" } },
};

/** What the root of a document says, and what is meant by it for operations that say nothing. */
const ROOTS: Readonly<Record<string, { readonly text: string; readonly meant: Meant }>> = {
  nothing: { text: "", meant: POLICY },
  "an authorizer": { text: "security: [{pool: []}]", meant: POLICY },
  "an authorizer and a key": { text: "security: [{pool: [], api_key: []}]", meant: POLICY_AND_KEY },
  IAM: { text: "security: [{signed: []}]", meant: { by: "iam" } },
};

/** The ways to write an operation at its place. */
const WAYS = ["block", "flow", "alias", "item alias", "merge", "reference", "condition", "condition of item"] as const;

/** One operation of a generated document, at a path of its own. */
interface Written {
  readonly verb: "get" | "post" | "x-amazon-apigateway-any-method";
  readonly saying: string;
  readonly way: (typeof WAYS)[number];
  readonly hasPreflight: boolean;
}

/** A generated document: its text, and what is meant by each operation, by `GET /p0`. */
export interface WrittenDocument {
  readonly text: string;
  readonly meant: ReadonlyMap<string, Meant>;
  readonly comments: readonly string[];
}

const VERBS = { get: "GET", post: "POST", "x-amazon-apigateway-any-method": "ANY" } as const;

const written: fc.Arbitrary<Written> = fc.record({
  verb: fc.constantFrom("get", "post", "x-amazon-apigateway-any-method"),
  saying: fc.constantFrom(...Object.keys(SAYINGS)),
  way: fc.constantFrom(...WAYS),
  hasPreflight: fc.boolean(),
});

/** Generates documents of REST APIs, with their meanings. */
export const writtenDocuments: fc.Arbitrary<WrittenDocument> = fc
  .record({
    operations: fc.array(written, { minLength: 1, maxLength: 6 }),
    root: fc.constantFrom(...Object.keys(ROOTS)),
    isSwagger: fc.boolean(),
  })
  .map(({ operations, root, isSwagger }) =>
    toDocument(operations, ROOTS[root] ?? { text: "", meant: POLICY }, isSwagger),
  );

function toDocument(
  operations: readonly Written[],
  root: { readonly text: string; readonly meant: Meant },
  isSwagger: boolean,
): WrittenDocument {
  const meant = operations.flatMap((one, at) => {
    const said = SAYINGS[one.saying]?.meant ?? "root";
    const own = [`${VERBS[one.verb]} /p${at}`, said === "root" ? root.meant : said] as const;
    return one.hasPreflight ? [own, [`OPTIONS /p${at}`, { by: "preflight" }] as const] : [own];
  });
  const lines = [
    ...["# c-title", isSwagger ? 'swagger: "2.0"' : "openapi: 3.0.1", "info: {title: It, version: 1.10} # c-info"],
    ...(root.text === "" ? [] : [root.text]),
    ...operations.flatMap((one, at) => [`x-shared-${at}: # c-shared-${at}`, ...indent(toShared(one, at))]),
    ...["paths:", "  /always: {get: {}}", ...indent(operations.flatMap(toPath))],
    ...(isSwagger ? ["securityDefinitions:", ...indent(SCHEMES)] : []),
    ...["components:", "  # c-components"],
    ...(isSwagger ? [] : ["  securitySchemes:", ...indent(indent(SCHEMES))]),
    ...["  schemas: {S: {type: integer, maximum: 9223372036854775807, default: 1.50}} # c-schemas", "# c-end"],
  ];
  const text = `${lines.join("\n")}\n`;
  return {
    text,
    meant: new Map([["GET /always", root.meant], ...meant]),
    comments: [...new Set(text.match(/# c-[\w-]+/g))],
  };
}

const SCHEMES = [
  "bearer: {type: http, scheme: bearer} # c-bearer",
  "api_key: {type: apiKey, name: x-api-key, in: header}",
  "signed: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}",
  "pool:",
  "  type: apiKey",
  "  name: Authorization",
  "  in: header",
  "  x-amazon-apigateway-authtype: cognito_user_pools",
  "  x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: [!GetAtt Pool.Arn]}",
];

/** Writes what an operation or a path item refers to, from outside of the paths. */
function toShared({ saying, verb, hasPreflight }: Written, at: number): readonly string[] {
  const item = [`${verb}: &op${at}`, ...indent(toOperation(saying, at)), ...(hasPreflight ? toPreflight(at) : [])];
  return [`item: &item${at}`, ...indent(item)];
}

function toPath(one: Written, at: number): readonly string[] {
  const { way, verb, saying, hasPreflight } = one;
  const preflight = hasPreflight ? toPreflight(at) : [];
  const operation = toOperation(saying, at);
  const name = `/p${at}`;
  switch (way) {
    case "block":
      return [`${name}: # c-path-${at}`, ...indent([`${verb}:`, ...indent(operation), ...preflight])];
    case "flow":
      return [
        `${name}:`,
        ...indent([`${verb}: {${operation.filter((line) => !line.startsWith("#")).join(", ")}}`, ...preflight]),
      ];
    case "alias":
      return [`${name}:`, ...indent([`${verb}: *op${at}`, ...preflight])];
    case "item alias":
      return [`${name}: *item${at}`];
    case "merge":
      return [`${name}:`, ...indent([`<<: *item${at}`, "description: Merged # c-merged"])];
    case "reference":
      return [`${name}:`, ...indent([`$ref: '#/x-shared-${at}/item'`, "description: Referred to"])];
    case "condition":
      return [
        `${name}:`,
        ...indent([
          `${verb}: !If`,
          "  - Prod # c-prod",
          "  -",
          ...indent(indent(operation)),
          "  - !Ref AWS::NoValue",
          ...preflight,
        ]),
      ];
    case "condition of item":
      return [
        `${name}: !If`,
        ...indent(["- Prod", "-", ...indent([`${verb}:`, ...indent(operation), ...preflight]), `- *item${at}`]),
      ];
    default:
      return way satisfies never;
  }
}

function toOperation(saying: string, at: number): readonly string[] {
  const { text } = SAYINGS[saying] ?? { text: "" };
  return [
    `operationId: "op-${at}"`,
    ...(text === "" ? [] : [text]),
    "# c-integration",
    `x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub "arn:\${AWS::Region}:\${Back}"}`,
  ];
}

function toPreflight(at: number): readonly string[] {
  return [`options: # c-preflight-${at}`, "  x-amazon-apigateway-integration: {type: mock}"];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
