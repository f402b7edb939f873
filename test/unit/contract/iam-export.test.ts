import { expect, it } from "vitest";
import { parseIamExport } from "../../../contract/iam-export.ts";

/** Makes an export, and lists the objects in it whose keys are fixed. */
function createExport() {
  const condition = { StringEquals: { "aws:PrincipalTag/id": "7", "aws:SourceVpc": ["a", "b"] } };
  const statement = { Effect: "Allow", Resource: ["GET/a"], Condition: condition };
  const document = { roles: ["reader"], statements: [statement, { Effect: "Deny", Resource: ["*"] }] };
  const gap = { where: "a.b", what: "grant_missing", reason: "it needs a condition", documents: [""] };
  const iam = {
    revision: "sha256:0",
    route_table: "sha256:1",
    groups: { Readers: document },
    authenticated: { roles: [], statements: [] },
    tags: { id: "custom:id" },
    gaps: [gap],
  };
  const closed: Readonly<Record<string, object>> = { iam, document, statement, gap };
  return { iam, closed, statement, document };
}

it("an export of IAM documents is accepted as it is", () => {
  const { iam } = createExport();
  expect(parseIamExport(iam)).toBe(iam);
  expect(parseIamExport(JSON.parse(JSON.stringify({ ...iam, route_table: undefined })))).toBeDefined();
});

it.each(Object.keys(createExport().closed))("a key that the parser does not know is refused: %s", (name) => {
  const { iam, closed } = createExport();
  Object.assign(closed[name] ?? {}, { NotResource: ["GET/a"] });
  expect(iam).not.toEqual(createExport().iam);
  expect(parseIamExport(iam)).toBeUndefined();
});

it.each([
  ["another effect", { Effect: "allow" }],
  ["no resources", { Resource: undefined }],
  ["a resource that is not in a list", { Resource: "*" }],
  ["a condition with a number", { Condition: { StringEquals: { tag: 7 } } }],
])("a statement with %s is refused", (_, change) => {
  const { iam, statement } = createExport();
  Object.assign(statement, change);
  expect(parseIamExport(iam)).toBeUndefined();
});

it.each<[string, (made: ReturnType<typeof createExport>) => object]>([
  ["a revision that is a number", ({ iam }) => Object.assign(iam, { revision: 7 })],
  ["a tag that is a number", ({ iam }) => Object.assign(iam, { tags: { id: 7 } })],
  ["roles that are not a list", ({ document }) => Object.assign(document, { roles: "reader" })],
  ["another gap", ({ iam }) => Object.assign(iam.gaps[0] ?? {}, { what: "grant_added" })],
  ["a gap whose documents are not a list", ({ iam }) => Object.assign(iam.gaps[0] ?? {}, { documents: "Readers" })],
])("an export with %s is refused", (_, change) => {
  const made = createExport();
  change(made);
  expect(parseIamExport(made.iam)).toBeUndefined();
});

it.each([null, "x", [], {}])("%j is not an export", (value) => {
  expect(parseIamExport(value)).toBeUndefined();
});
