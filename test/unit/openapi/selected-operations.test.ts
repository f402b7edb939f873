import { describe, expect, it } from "vitest";
import type { CachingApi } from "../../../contract/api-kinds.ts";
import type { CacheContract } from "../../../contract/manifest.ts";
import { type AttachmentMode, type MethodSelection, parseSelection } from "../../../contract/method-selection.ts";
import { withEdits } from "../../../openapi/edits.ts";
import { toEdits } from "../../../openapi/secure-document.ts";

// Which operations of a document get the policy's authorizer, and what the report-only one takes the place of.

const ID = "0123456789ab";
const POLICY = `policy-request-${ID}`;
const REPORT = `report-${ID}`;
const toScheme = (type: string) => ({ type: "apiKey", "x-amazon-apigateway-authorizer": { type, authorizerUri: "u" } });
const SCHEMES = {
  users: toScheme("cognito_user_pools"),
  signed: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" },
  key: { type: "apiKey", name: "x-api-key", in: "header" },
  bearer: { type: "http", scheme: "bearer" },
};
const USERS = { security: [{ users: [] }] };

/** Of each kind of operation one. */
const OPERATIONS: Readonly<Record<string, object>> = {
  "GET /home": {},
  "GET /orders/{id}": { security: [{ bearer: [], key: [] }] },
  "POST /orders": USERS,
  "GET /admin": { security: [{ signed: [] }] },
  "GET /stated": { security: [], "x-amazon-apigateway-auth": { type: "NONE" } },
  "GET /health": {},
  "OPTIONS /home": { "x-amazon-apigateway-integration": { type: "mock" } },
};

function toDocument(operations: Readonly<Record<string, object>> = OPERATIONS, more: object = {}): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(operations)) {
    const [verb = "", path = ""] = name.split(" ");
    const key = verb === "ANY" ? "x-amazon-apigateway-any-method" : verb.toLowerCase();
    paths[path] = { ...paths[path], [key]: operation };
  }
  return { openapi: "3.0.1", components: { securitySchemes: { ...SCHEMES } }, ...more, paths };
}

const REST: MethodSelection = { withoutAuthorizer: true };

const CONTRACT: CacheContract = {
  ...{ id: "sha256:0", key_dependencies: [], required: [] },
  routes: ["/home", "/orders/{id}", "/orders", "/stated", "/health", "/admin", "/admin/{a}", "/{proxy+}"].flatMap(
    (path) =>
      ["GET", "POST", "ANY"].map((verb) => ({ verb, path, class: "request", authorizer: "request", because: [] })),
  ),
  authorizers: { request: { class: "request", rest: ["token"], http: ["token"], because: {} } },
};

interface Written {
  /** The security of each operation that changed, by name. */
  readonly changed: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
  readonly document: object;
  readonly earlier: readonly string[];
}

function write(
  document: object,
  props: MethodSelection,
  mode: AttachmentMode = "enforce",
  more: { readonly contractId?: string; readonly api?: CachingApi; readonly authorizerUri?: string } = {},
): Written {
  const { contractId = ID, api = "rest", authorizerUri = `uri:${contractId}` } = more;
  const selection = parseSelection(props);
  if (typeof selection === "string") throw new Error(selection);
  const { edits, errors, earlier } = toEdits(document, {
    ...{ contract: CONTRACT, api, contractId, selection, mode, isSimple: false, authorizerUri },
    settings: [{ name: "request", ttlS: 60, identitySources: ["method.request.header.Authorization"] }],
    tokenSources: [{ from: "header", name: "Authorization" }],
    ...{ publicRules: [{ name: "it.health", verbs: ["GET"], path: "/health" }], apiName: undefined },
  });
  const written = withEdits(document, edits);
  const [before, after] = [document, written].map((one) => new Map(operationsIn(one)));
  const changed = [...(after ?? [])].filter(([name, one]) => JSON.stringify(before?.get(name)) !== JSON.stringify(one));
  return {
    changed: Object.fromEntries(changed.map(([name, one]) => [name, one])),
    ...{ errors, earlier, document: written },
  };
}

function operationsIn(document: object): readonly (readonly [string, unknown])[] {
  const paths: Readonly<Record<string, object>> = Object(document).paths;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, one]) => [`${verb.toUpperCase()} ${path}`, one] as const),
  );
}

describe("an operation that is not selected keeps exactly what it has", () => {
  it.each<[string, MethodSelection, Readonly<Record<string, object>>]>([
    ["only", { only: ["GET /orders/{order_id}"] }, { "GET /orders/{id}": { security: [{ [POLICY]: [], key: [] }] } }],
    [
      "below",
      { below: "/orders" },
      {
        "GET /orders/{id}": { security: [{ [POLICY]: [], key: [] }] },
        "POST /orders": { security: [{ [POLICY]: [] }] },
      },
    ],
    [
      "below, with an authorizer that is kept",
      { below: "/orders", keep: [{ authorizer: "users", reason: "until May" }] },
      {
        "GET /orders/{id}": { security: [{ [POLICY]: [], key: [] }] },
        "POST /orders": { ...USERS, "x-rego-authorizer": { keeps: "users", reason: "until May" } },
      },
    ],
  ])("%s", (_, selection, changed) => {
    expect(write(toDocument(), selection)).toMatchObject({ changed, errors: [] });
    expect(Object.keys(write(toDocument(), selection).changed)).toEqual(Object.keys(changed));
  });

  it("without an authorizer, of which one that the document opens is refused", () => {
    const { "GET /stated": _, ...operations } = OPERATIONS;
    expect(write(toDocument(operations), { withoutAuthorizer: true })).toMatchObject({
      errors: [],
      changed: {
        "GET /home": { security: [{ [POLICY]: [] }] },
        "GET /orders/{id}": { security: [{ [POLICY]: [], key: [] }] },
        "GET /health": { security: [] },
      },
    });
    expect(write(toDocument(), { withoutAuthorizer: true }).errors).toEqual([
      expect.stringMatching(/^GET \/stated is open to everybody in the document, and no public rule/),
    ]);
  });
});

describe("report-only", () => {
  it("is for operations that are open today, also those that say so, with an authorizer of its own", () => {
    const { changed, errors, document } = write(toDocument(), { withoutAuthorizer: true }, "report");
    expect([errors, changed]).toEqual([
      [],
      {
        "GET /home": { security: [{ [REPORT]: [] }] },
        "GET /orders/{id}": { security: [{ [REPORT]: [], key: [] }] },
        "GET /stated": { security: [{ [REPORT]: [] }] },
      },
    ]);
    expect(Object(document).components.securitySchemes).toEqual({
      ...SCHEMES,
      [REPORT]: {
        ...{ type: "apiKey", name: "Unused", in: "header", "x-amazon-apigateway-authtype": "custom" },
        "x-amazon-apigateway-authorizer": {
          type: "request",
          authorizerUri: `uri:${ID}`,
          authorizerResultTtlInSeconds: 0,
        },
      },
    });
  });

  it.each<[string, MethodSelection, Readonly<Record<string, object>>, string]>([
    [
      "another authorizer",
      {},
      { "POST /orders": USERS },
      "POST /orders has the authorizer users, and report-only in its place",
    ],
    ["it by name", { only: ["POST /orders"] }, { "POST /orders": USERS }, "POST /orders has the authorizer users"],
    [
      "the authorizer of the root",
      {},
      { "GET /home": {}, root: { security: [{ users: [] }] } },
      "GET /home has the authorizer users",
    ],
    [
      "the enforcing authorizer",
      {},
      { "GET /home": { security: [{ [POLICY]: [] }] } },
      `GET /home has the enforcing authorizer ${POLICY} of the policy`,
    ],
  ])("never takes the place of %s", (_, selection, { root, ...operations }, cause) => {
    const document = toDocument(operations, {
      ...root,
      components: { securitySchemes: { ...SCHEMES, [POLICY]: toScheme("request") } },
    });
    expect(write(document, selection, "report").errors).toEqual([expect.stringContaining(cause)]);
    const rest = write(document, { withoutAuthorizer: true }, "report");
    expect([rest.changed, rest.errors]).toEqual([{}, [expect.stringContaining("no operation gets an authorizer")]]);
  });

  it("goes by the root of a document for operations that take it, and not for those that are open all the same", () => {
    const none = { "x-amazon-apigateway-auth": { type: "NONE" } };
    const reported = (scheme: string) =>
      write(toDocument({ "GET /home": {}, "GET /stated": none }, { security: [{ [scheme]: [] }] }), REST, "report");
    const changed = { "GET /stated": { security: [{ [REPORT]: [] }] } };
    for (const scheme of ["users", "signed"]) expect(reported(scheme)).toMatchObject({ errors: [], changed });
    for (const scheme of ["users", "signed"]) expect(Object.keys(reported(scheme).changed)).toEqual(["GET /stated"]);
  });

  it("leaves preflights and public operations as they are, and takes itself from one that has become public", () => {
    const { "OPTIONS /home": preflight = {} } = OPERATIONS;
    const operations = { "GET /home": {}, "OPTIONS /home": preflight, "GET /health": {} };
    const described = toDocument(operations, { security: [{ bearer: [] }] });
    expect(Object.keys(write(described, { withoutAuthorizer: true }, "report").changed)).toContain("GET /home");
    expect(Object.keys(write(described, {}, "report").changed)).not.toContain("OPTIONS /home");
    expect(Object.keys(write(described, {}).changed)).toContain("OPTIONS /home");
    const reported = toDocument(
      { "GET /home": {}, "GET /health": { security: [{ [REPORT]: [] }] } },
      { components: { securitySchemes: { [REPORT]: toScheme("request") } } },
    );
    expect(write(reported, {}, "report").changed["GET /health"]).toEqual({ security: [] });
    const closed = toDocument({ "GET /home": {}, "GET /health": USERS });
    expect(write(closed, {}, "report")).toMatchObject({ errors: [], changed: { "GET /home": expect.anything() } });
    expect(Object.keys(write(closed, {}, "report").changed)).not.toContain("GET /health");
  });

  it("is refused under a resource policy that closes by its silence", () => {
    const closing = { "x-amazon-apigateway-policy": { Version: "2012-10-17", Statement: [] } };
    expect(write(toDocument({ "GET /home": {} }, closing), {}, "report").errors).toEqual([
      expect.stringContaining("is report-only and has a resource policy"),
    ]);
    expect(write(toDocument({ "GET /home": {} }, closing), {}).errors).toEqual([]);
  });

  it("becomes enforcing, and not by a selection of what has no authorizer", () => {
    const { document } = write(toDocument({ "GET /home": {} }), {}, "report");
    expect(write(document, {}).changed).toEqual({ "GET /home": { security: [{ [POLICY]: [] }] } });
    expect(Object.keys(Object(write(document, {}).document).components.securitySchemes)).not.toContain(REPORT);
    expect(write(document, { withoutAuthorizer: true }).errors).toEqual([
      expect.stringContaining("withoutAuthorizer:"),
    ]);
  });

  it("is for the route $default of an HTTP API, too, which no policy can name", () => {
    const document = toDocument({ "ANY /$default": {} });
    expect(write(document, { only: ["$default"] }, "report", { api: "http" })).toMatchObject({
      errors: [],
      changed: { "X-AMAZON-APIGATEWAY-ANY-METHOD /$default": { security: [{ [REPORT]: [] }] } },
    });
    expect(write(document, {}, "enforce", { api: "http" }).errors).not.toEqual([]);
  });
});

describe("a selection is refused", () => {
  const refused = (operations: Readonly<Record<string, object>>, selection: MethodSelection, more: object = {}) =>
    write(toDocument(operations, more), selection).errors;

  it.each<[string, MethodSelection, RegExp]>([
    [
      "an operation that the document lacks",
      { only: ["GET /hom"] },
      /^only: the document has no operation GET \/hom; did you mean GET \/home\?$/,
    ],
    ["a path that it lacks", { below: ["/orders", "/adm"] }, /^below: the document has no operation at or below \/adm/],
    ["an operation with IAM", { only: ["GET /admin"] }, /^only: GET \/admin has IAM authorization, and keeps it/],
    ["a preflight", { only: ["OPTIONS /home"] }, /^only: OPTIONS \/home is a preflight/],
    ["a public operation", { only: ["GET /health"] }, /^only: GET \/health is public in the policy/],
    ["a path where nothing is for the policy", { below: "/admin" }, /^below: no operation gets an authorizer/],
  ])("that names %s", (_, selection, cause) => {
    expect(refused(OPERATIONS, selection)).toEqual([expect.stringMatching(cause)]);
  });

  it("if an open operation also answers requests below the path", () => {
    const operations = { "GET /admin/{a}": {}, "ANY /{proxy+}": {} };
    expect(refused(operations, { below: "/admin" })).toEqual([
      expect.stringMatching(/^ANY \/\{proxy\+\} also answers paths below \/admin, and would stay open/),
    ]);
    expect(refused({ ...operations, "ANY /{proxy+}": USERS }, { below: "/admin" })).toEqual([]);
    const reported = { ...operations, "ANY /{proxy+}": { security: [{ [REPORT]: [] }] } };
    const more = { components: { securitySchemes: { [REPORT]: toScheme("request") } } };
    expect(refused(reported, { below: "/admin" }, more)).toEqual([expect.stringContaining("would stay open")]);
    expect(refused(operations, { only: ["GET /admin/{a}"] })).toEqual([]);
  });

  it.each<[string, CachingApi, object]>([
    ["an HTTP API", "http", { openapi: "3.0.1" }],
    ["Swagger 2", "rest", { openapi: undefined, swagger: "2.0", securityDefinitions: SCHEMES }],
  ])("that needs to know whether the root of a document counts for %s", (_, api, version) => {
    const document = toDocument({ "GET /home": {} }, { security: [{ users: [] }], ...version });
    const { errors } = write(document, { withoutAuthorizer: true }, "report", { api });
    expect(errors).toEqual([expect.stringMatching(/^withoutAuthorizer: GET \/home names users, and may be open/)]);
    const known = toDocument({ "GET /home": {}, "GET /orders": USERS }, { ...version });
    expect(write(known, { withoutAuthorizer: true }, "report", { api }).errors).toEqual([]);
  });
});

describe("a document that is written several times", () => {
  it("has each selection's authorizers", () => {
    const first = write(toDocument(), { only: ["GET /home"] });
    const second = write(first.document, { only: ["GET /orders/{id}", "GET /stated"] }, "report", {
      contractId: "ba9876543210",
    });
    expect(operationsIn(second.document)).toEqual(
      expect.arrayContaining([
        ["GET /home", { security: [{ [POLICY]: [] }] }],
        ["GET /orders/{id}", { security: [{ "report-ba9876543210": [], key: [] }] }],
      ]),
    );
    expect([second.errors, second.earlier]).toEqual([[], [POLICY]]);
    expect(Object.keys(Object(second.document).components.securitySchemes)).toContain(POLICY);
  });

  it.each<[string, unknown]>([
    ["as it is", "${AuthorizerUri}"],
    ["as a function of CloudFormation", { "Fn::Sub": "${AuthorizerUri}" }],
  ])("never has one URI for two contracts or modes: %s", (_, uri) => {
    const scheme = { type: "apiKey", "x-amazon-apigateway-authorizer": { type: "request", authorizerUri: uri } };
    const before = toDocument(
      { "GET /home": { security: [{ [POLICY]: [] }] }, "GET /orders/{id}": {} },
      { components: { securitySchemes: { [POLICY]: scheme } } },
    );
    const errorsWith = (mode: AttachmentMode, authorizerUri: string) =>
      write(before, { only: ["GET /orders/{id}"] }, mode, { contractId: "ba9876543210", authorizerUri }).errors;
    const same = [
      expect.stringContaining(`keep ${POLICY}, which is for another contract and has the same authorizerUri`),
    ];
    expect([errorsWith("report", "${AuthorizerUri}"), errorsWith("enforce", "${AuthorizerUri}")]).toEqual([same, same]);
    expect([errorsWith("report", "${Other}"), errorsWith("enforce", "${Other}")]).toEqual([[], []]);
  });

  it("moves the selected operations to a new contract, and no others", () => {
    const first = write(toDocument(), { below: "/orders" });
    const second = write(first.document, { only: ["POST /orders"] }, "enforce", { contractId: "ba9876543210" });
    expect([second.changed, second.earlier]).toEqual([
      { "POST /orders": { security: [{ "policy-request-ba9876543210": [] }] } },
      [POLICY],
    ]);
  });
});
