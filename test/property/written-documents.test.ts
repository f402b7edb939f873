import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CollectionTag, isSeq, parse, Scalar, type ScalarTag } from "yaml";
import type { CacheContract } from "../../contract/manifest.ts";
import { parseDocumentText } from "../../openapi/document-text.ts";
import { toEditedText } from "../../openapi/edited-text.ts";
import { toEdits } from "../../openapi/secure-document.ts";
import { judgeTemplate, POLICY_ENVIRONMENT, toUri } from "../support/gate.ts";
import { type Meant, type WrittenDocument, writtenDocuments } from "../support/written-documents.ts";

const RUNS = { numRuns: 40, seed: 14 };

const SCHEME = "policy-token-0123456789ab";

function contractFor(routes: readonly string[]): CacheContract {
  return {
    ...{ id: "sha256:0", key_dependencies: [], required: [] },
    routes: routes.map((name) => {
      const [verb = "", path = ""] = name.split(" ");
      return { verb, path, class: "token", authorizer: "token", because: [] };
    }),
    authorizers: { token: { class: "token", rest: ["token"], http: ["token"], because: {} } },
  };
}

/** Writes the policy's authorizer into a text, as the command does. */
function secure(text: string, meant: WrittenDocument["meant"], format: "yaml" | "json" = "yaml"): string {
  const content = parseDocumentText(text);
  if (!content.ok) throw new Error(content.error);
  const { edits, errors } = toEdits(content.value, {
    ...{ contract: contractFor([...meant.keys()]), api: "rest", contractId: "0123456789ab", isSimple: false },
    settings: [{ name: "token", ttlS: 0, identitySources: ["method.request.header.Authorization"] }],
    tokenSources: [{ from: "header", name: "Authorization" }],
    authorizerUri: "URI",
    // All that is open in the document is public in the policy.
    publicRules: [...meant].flatMap(([name, { by }], at) => {
      const [verb = "", path = ""] = name.split(" ");
      return by === "nobody" ? [{ name: `it.open${at}`, verbs: [verb], path }] : [];
    }),
    apiName: undefined,
  });
  const edited = errors.length > 0 ? undefined : toEditedText(text, content.value, edits, format);
  if (edited?.ok !== true) throw new Error(edited === undefined ? errors.join("\n") : edited.error);
  return edited.value;
}

/** Reads YAML without the product's reader. A tag becomes a mark: `!Sub x` the text, `!If [...]` the first item. */
function readYaml(text: string): unknown {
  const ofText = (tag: string): ScalarTag => ({ tag, resolve: (value) => `${tag} ${value}` });
  const ofList = (tag: string): CollectionTag => ({
    ...{ tag, collection: "seq" },
    resolve(list) {
      return isSeq(list) ? Object.assign(list, { items: [new Scalar(tag), ...list.items] }) : list;
    },
  });
  return parse(text, { merge: true, customTags: [...["!Sub", "!Ref", "!GetAtt"].map(ofText), ofList("!If")] });
}

/** Reads JSON, with the same marks for the long forms of functions. */
function readJson(text: string): unknown {
  return JSON.parse(text, (_, value) => {
    const { "Fn::Sub": sub, Ref: ref, "Fn::GetAtt": attribute, "Fn::If": condition } = Object(value);
    if (sub !== undefined) return `!Sub ${sub}`;
    if (ref !== undefined) return `!Ref ${ref}`;
    if (attribute !== undefined) return `!GetAtt ${attribute.join(".")}`;
    return condition === undefined ? value : ["!If", ...condition];
  });
}

/** Writes out the references of path items, which stay as they are if nothing changes behind them. */
function withoutReferences(document: unknown): unknown {
  const { paths, ...others } = Object(document);
  const items = Object.entries(paths).map(([path, item]) => {
    const { $ref: reference, ...own } = Array.isArray(item) ? {} : Object(item);
    return [path, reference === undefined ? item : { ...others[reference.split("/")[1]].item, ...own }];
  });
  return { ...others, paths: Object.fromEntries(items) };
}

/** Writes what is meant into the document that was read. */
function toExpected(document: unknown, meant: WrittenDocument["meant"]): unknown {
  const { paths, security: root, ...others } = Object(document);
  const withSecurity = (operation: unknown, { by, ...more }: Meant) => {
    if (typeof operation === "string") return operation;
    const { security: own } = Object(operation);
    const rooted = root === undefined ? undefined : by === "iam" ? root : [];
    const keys = "keys" in more ? more.keys : [];
    const policy = [Object.fromEntries([SCHEME, ...keys].map((name) => [name, []]))];
    const security = by === "policy" ? policy : (own ?? rooted);
    return { ...Object(operation), ...(security !== undefined && { security }) };
  };
  const eachBranch = (value: unknown, change: (one: unknown) => unknown): unknown =>
    Array.isArray(value) ? value.map((one, at) => (at < 2 ? one : change(one))) : change(value);
  const toItem = (item: unknown, path: string): unknown =>
    Object.fromEntries(
      Object.entries(Object(item)).map(([key, value]) => {
        const verb = key === "x-amazon-apigateway-any-method" ? "ANY" : key.toUpperCase();
        const by = meant.get(`${verb} ${path}`);
        return [key, by === undefined ? value : eachBranch(value, (one) => withSecurity(one, by))];
      }),
    );
  const items = Object.entries(paths).map(([path, item]) => [path, eachBranch(item, (one) => toItem(one, path))]);
  return { ...others, ...(root !== undefined && { security: root }), paths: Object.fromEntries(items) };
}

/** Takes the policy's scheme out of a document. */
function withoutScheme(document: unknown): unknown {
  const { components, securityDefinitions, ...others } = Object(document);
  const home = Object(securityDefinitions ?? components.securitySchemes);
  expect(home[SCHEME]).toEqual(expect.objectContaining({ type: "apiKey" }));
  delete home[SCHEME];
  return { ...others, components, ...(securityDefinitions !== undefined && { securityDefinitions }) };
}

/** Lists the operations that the gate finds open, in an API that is made of a document. */
function findOpen(text: string): readonly string[] {
  const content = parseDocumentText(text.replaceAll("authorizerUri: URI", "authorizerUri: !Sub URI"));
  const Body = JSON.parse(JSON.stringify(content.ok && content.value), (_, value) =>
    Object(value)["Fn::Sub"] === "URI" ? toUri({ "Fn::GetAtt": ["Decide", "Arn"] }) : value,
  );
  const { findings } = judgeTemplate({
    Conditions: { Prod: { "Fn::Equals": [{ Ref: "AWS::Region" }, "eu-west-1"] } },
    Resources: {
      Decide: { Type: "AWS::Lambda::Function", Properties: { Environment: { Variables: POLICY_ENVIRONMENT } } },
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Body } },
    },
  });
  const causes = findings.filter(({ code }) => code !== "stage.stale").map(({ code, cause }) => `${code} ${cause}`);
  return causes.map((cause) => /^method\.open the operation (\S+ \S+)/.exec(cause)?.[1] ?? cause).sort();
}

const hasPolicy = ({ meant }: WrittenDocument) => [...meant.values()].some(({ by }) => by === "policy");

describe("a document with the policy's authorizers written into it", () => {
  it("is equal in all but the security of the operations that the policy decides, as YAML and as JSON", () => {
    fc.assert(
      fc.property(writtenDocuments.filter(hasPolicy), ({ text, meant }) => {
        const expected = toExpected(withoutReferences(readYaml(text)), meant);
        const read = [readYaml(secure(text, meant)), readJson(secure(text, meant, "json"))];
        expect(read.map(withoutReferences).map(withoutScheme)).toEqual([expected, expected]);
      }),
      RUNS,
    );
  });

  it("has the comments and the digits of the original", () => {
    fc.assert(
      fc.property(writtenDocuments, ({ text, meant, comments }) => {
        const secured = secure(text, meant);
        expect(comments.filter((comment) => !secured.includes(comment))).toEqual([]);
        expect(secured).toContain("maximum: 9223372036854775807, default: 1.50");
      }),
      RUNS,
    );
  });

  it("is what was meant, as the gate sees it", () => {
    fc.assert(
      fc.property(writtenDocuments, ({ text, meant }) => {
        const open = [...meant].flatMap(([name, { by }]) => (by === "nobody" ? [name] : []));
        expect([...new Set(findOpen(secure(text, meant)))]).toEqual(open.sort());
      }),
      RUNS,
    );
  });

  it("stays the same if they are written again", () => {
    fc.assert(
      fc.property(writtenDocuments, ({ text, meant }) => {
        const secured = secure(text, meant);
        expect(secure(secured, meant)).toBe(secured);
      }),
      RUNS,
    );
  });
});
