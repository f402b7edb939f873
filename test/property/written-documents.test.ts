import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CollectionTag, isSeq, parse, Scalar, type ScalarTag } from "yaml";
import type { CacheContract } from "../../contract/manifest.ts";
import { ALL_METHODS, type AttachmentMode, parseSelection, type Selection } from "../../contract/method-selection.ts";
import { err, type Result } from "../../contract/result.ts";
import { parseDocumentText } from "../../openapi/document-text.ts";
import { toEditedText } from "../../openapi/edited-text.ts";
import { toEdits } from "../../openapi/secure-document.ts";
import { judgeTemplate, POLICY_ENVIRONMENT, toUri } from "../support/gate.ts";
import { type Meant, type WrittenDocument, writtenDocuments } from "../support/written-documents.ts";

const RUNS = { numRuns: 40, seed: 14 };

/** Fewer, for laws about parts of what the others hold. */
const FEWER = { ...RUNS, numRuns: 20 };

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

/** How the authorizers are written, if not enforcing and at all operations. */
interface Way {
  readonly format?: "yaml" | "json";
  readonly selection?: Selection;
  readonly mode?: AttachmentMode;
}

/** Writes the policy's authorizer into a text, as the command does. */
function secure(text: string, meant: WrittenDocument["meant"], way: Way = {}): string {
  const written = tryToSecure(text, meant, way);
  if (!written.ok) throw new Error(written.error.join("\n"));
  return written.value;
}

function tryToSecure(
  text: string,
  meant: WrittenDocument["meant"],
  { format = "yaml", selection = ALL_METHODS, mode = "enforce" }: Way,
): Result<string, readonly string[]> {
  const content = parseDocumentText(text);
  if (!content.ok) throw new Error(content.error);
  const { edits, errors } = toEdits(content.value, {
    ...{ contract: contractFor([...meant.keys()]), api: "rest", contractId: "0123456789ab", isSimple: false },
    ...{ selection, mode },
    settings: [{ name: "token", ttlS: 0, identitySources: ["method.request.header.Authorization"] }],
    tokenSources: [{ from: "header", name: "Authorization" }],
    authorizerUri: "URI",
    // All that is open in the document is public in the policy.
    publicRules: [...meant].flatMap(([name, { by }], at) => {
      const [verb = "", path = ""] = name.split(" ");
      return by === "nobody" && mode === "enforce" ? [{ name: `it.open${at}`, verbs: [verb], path }] : [];
    }),
    apiName: undefined,
  });
  if (errors.length > 0) return err(errors);
  const edited = toEditedText(text, content.value, edits, format);
  return edited.ok ? edited : err([edited.error]);
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

const ALIAS = { enforce: "", report: ":it-report-0123456789ab" } as const;

/** Judges an API that is made of a document; lists what the gate finds by the names of operations, or its other findings. */
function judge(text: string, mode: AttachmentMode = "enforce"): readonly string[] {
  const content = parseDocumentText(text.replaceAll("authorizerUri: URI", "authorizerUri: !Sub URI"));
  const Body = JSON.parse(JSON.stringify(content.ok && content.value), (_, value) =>
    Object(value)["Fn::Sub"] === "URI" ? toUri({ "Fn::GetAtt": ["Decide", "Arn"] }, ALIAS[mode]) : value,
  );
  const { findings } = judgeTemplate({
    Conditions: { Prod: { "Fn::Equals": [{ Ref: "AWS::Region" }, "eu-west-1"] } },
    Resources: {
      Decide: { Type: "AWS::Lambda::Function", Properties: { Environment: { Variables: POLICY_ENVIRONMENT } } },
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Body } },
    },
  });
  const causes = findings
    .filter(({ code, names }) => code !== "stage.stale" && !names.includes("pool"))
    .map(({ code, cause }) => `${code} ${cause}`);
  return [
    ...new Set(causes.map((cause) => /^(method\S+) the operation (\S+ \S+)/.exec(cause)?.slice(1).join(" ") ?? cause)),
  ].sort();
}

/** Lists the operations that the gate finds open. */
function findOpen(text: string): readonly string[] {
  return judge(text).map((line) => line.replace(/^method\.open /, ""));
}

const REST: Selection = { ...ALL_METHODS, kind: "rest" };

function toOnly(only: readonly string[]): Selection {
  const selection = parseSelection({ only });
  if (typeof selection === "string") throw new Error(selection);
  return selection;
}

const hasPolicy = ({ meant }: WrittenDocument) => [...meant.values()].some(({ by }) => by === "policy");

describe("a document with the policy's authorizers written into it", () => {
  it("is equal in all but the security of the operations that the policy decides, as YAML and as JSON", () => {
    fc.assert(
      fc.property(writtenDocuments.filter(hasPolicy), ({ text, meant }) => {
        const expected = toExpected(withoutReferences(readYaml(text)), meant);
        const read = [readYaml(secure(text, meant)), readJson(secure(text, meant, { format: "json" }))];
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
        expect(findOpen(secure(text, meant))).toEqual(open.sort());
      }),
      RUNS,
    );
  });

  it("changes at the operations that are selected, and leaves the others as open as they were", () => {
    fc.assert(
      fc.property(writtenDocuments.filter(hasPolicy), fc.integer({ min: 1, max: 63 }), ({ text, meant }, bits) => {
        const policy = [...meant].filter(([, { by }]) => by === "policy");
        const some = policy.filter((_, at) => ((bits >> at) & 1) === 1);
        const chosen = new Map(some.length === 0 ? policy : some);
        const secured = secure(text, meant, { selection: toOnly([...chosen.keys()]) });
        const expected = toExpected(withoutReferences(readYaml(text)), chosen);
        expect(withoutScheme(withoutReferences(readYaml(secured)))).toEqual(expected);
        expect(findOpen(secured)).toEqual(findOpen(text).filter((name) => !chosen.has(name)));
      }),
      FEWER,
    );
  });

  it("has the report-only authorizer where it was open, and nowhere else, or is refused", () => {
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(writtenDocuments, ({ text, meant }) => {
        const secured = tryToSecure(text, meant, { selection: REST, mode: "report" });
        outcomes.add(secured.ok);
        if (secured.ok)
          expect(judge(secured.value, "report")).toEqual(findOpen(text).map((name) => `method.report_only ${name}`));
        else expect(secured.error.filter((line) => !line.startsWith("withoutAuthorizer: "))).toEqual([]);
      }),
      FEWER,
    );
    expect([...outcomes].sort()).toEqual([false, true]);
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
