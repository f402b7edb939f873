import { createZoneFormat } from "../../contract/calendar.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { namesOfParameters } from "../../contract/path-template.ts";
import {
  deriveEach,
  type ForEachKey,
  type HeldRoles,
  type IndexedDenial,
  type IndexedGrant,
  type IndexedRoles,
  type NoOtherKeys,
  type PolicyIndex,
} from "../../contract/policy-index.ts";
import type { Opa } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Term } from "../rego/syntax-tree.ts";
import { referencesByCaller } from "./caller-references.ts";
import type { Problem, ProblemText } from "./problem.ts";
import { readVocabulary } from "./vocabulary.ts";
import { createReadWritten, fieldOf } from "./written-references.ts";

/** The references that every policy has: the decision log has the principal's id and issuer, and every look-up has method and path. */
const ALWAYS_READ: readonly InputReference[] = [
  ["principal", "id"],
  ["principal", "issuer"],
  ["request", "method"],
  ["request", "path"],
];

const nothingElse = (): readonly InputReference[] => [];

/** Lists the API's name, which the engine reads only if a grant or denial is for named APIs. */
function referencesOfApis({ api }: Pick<IndexedGrant | IndexedDenial, "api">): readonly InputReference[] {
  return api.length === 0 ? [] : [["request", "api"]];
}

/** The fields of the input that the engine reads because of a grant. */
const REFERENCES_OF_GRANT: ForEachKey<IndexedGrant, readonly InputReference[]> = {
  api: referencesOfApis,
  // `REFERENCES_OF_ROLES` has the fields that roles follow from.
  roles: nothingElse,
  verbs: nothingElse,
  path: nothingElse,
  params: nothingElse,
  tail: nothingElse,
  where: ({ where }) => Object.values(where).map(claimOf),
  // `referencesOfConditions` finds the fields that conditions read.
  when: nothingElse,
};

/** The fields of the input that the engine reads because of a denial. */
const REFERENCES_OF_DENIAL: ForEachKey<IndexedDenial, readonly InputReference[]> = {
  api: referencesOfApis,
  roles: nothingElse,
  verbs: nothingElse,
  path: nothingElse,
  params: nothingElse,
  tail: nothingElse,
  unless: nothingElse,
};

/** The fields of the input that the engine reads to find roles in one table. */
const REFERENCES_OF_TABLE: ForEachKey<HeldRoles, readonly InputReference[]> = {
  groups: ({ groups }) => (isEmpty(groups) ? [] : [claimOf("cognito:groups")]),
  scopes: ({ scopes }) => (isEmpty(scopes) ? [] : [["principal", "kind"], claimOf("scope")]),
  kinds: ({ kinds }) => (isEmpty(kinds) ? [] : [["principal", "kind"]]),
  claims: ({ claims }) => Object.keys(claims).map(claimOf),
};

/** The fields of the input that the engine reads to find the principal's roles. */
const REFERENCES_OF_ROLES: ForEachKey<IndexedRoles, readonly InputReference[]> = {
  ...REFERENCES_OF_TABLE,
  issuers: ({ issuers }) => [
    ...(isEmpty(issuers) ? [] : [["principal", "issuer_name"]]),
    ...Object.values(issuers).flatMap((table) => deriveEach(REFERENCES_OF_TABLE, table).flat()),
  ],
};

/** Lists the fields of the input that the engine itself reads. */
export function referencesOfEngine(index: PolicyIndex): readonly InputReference[] {
  const { grants, denials, roles, ...others } = index;
  others satisfies NoOtherKeys;
  return [
    ...ALWAYS_READ,
    ...Object.values(grants).flatMap((grant) => deriveEach(REFERENCES_OF_GRANT, grant).flat()),
    ...Object.values(denials).flatMap((denial) => deriveEach(REFERENCES_OF_DENIAL, denial).flat()),
    ...deriveEach(REFERENCES_OF_ROLES, roles).flat(),
  ];
}

function claimOf(claim: string): InputReference {
  return ["principal", "claims", claim];
}

function isEmpty(table: object): boolean {
  return Object.keys(table).length === 0;
}

/** The fields of the input that conditions and their helpers read. */
export interface ConditionReferences {
  /** The references of all conditions together. */
  readonly references: readonly InputReference[];
  /** The references of each condition, without those to the principal. */
  readonly ofRequest: ReadonlyMap<string, readonly InputReference[]>;
  /** The problems of references that don't name a field which conditions get. */
  readonly problems: readonly Problem[];
}

/** The files of the engine with the functions that conditions call. They read no input themselves. */
const ENGINE_FILES = ["policies/engine/caller.rego", "policies/engine/values.rego"];

/** Finds the fields of the input that conditions read. */
export async function referencesOfConditions(opa: Opa, sources: readonly ParsedFile[]): Promise<ConditionReferences> {
  const conditions = sources.filter(({ part }) => part === "conditions");
  const rules = conditions.flatMap(({ file, module }) => (module.rules ?? []).map((rule) => ({ file, rule })));
  if (rules.length === 0) return { references: [], ofRequest: new Map(), problems: [] };
  const libraries = sources.filter(({ part }) => part === "library");
  const files = [...ENGINE_FILES, ...[...conditions, ...libraries].map(({ file }) => file)];

  const parameters = parametersOf(sources);
  const full = await referencesOf(opa, files, "data.access.conditions");
  const isFine = full.every((reference) => problemOf(reference, parameters) === undefined);
  const byCaller = referencesByCaller(readVocabulary(new Map(), [...conditions, ...libraries]));
  const own = full.map((reference) => fieldOf(reference) ?? []);
  const references = isFine ? sortedReferences([...own, ...byCaller]) : [];
  if (isFine && references.every(isOfPrincipal)) return { references, ofRequest: new Map(), problems: [] };

  const names = [...new Set(rules.map(({ rule }) => nameOfRule(rule)))];
  const readWritten = createReadWritten([...conditions, ...libraries]);
  const written = new Map(names.map((name) => [name, readWritten(name)]));
  const ask = (asked: readonly string[]) =>
    referencesOfEach(asked, (name) => referencesOf(opa, files, `data.access.conditions.${name}`));
  // A message names the whole reference.
  const isClear = (fields: readonly InputReference[] | undefined) =>
    fields?.every((field) => problemOf(field, parameters) === undefined) ?? false;
  const asked = await ask(names.filter((name) => !isClear(written.get(name))));
  const together = new Map(names.map((name) => [name, asked.get(name) ?? written.get(name) ?? []]));
  // What OPA finds in all conditions shows whether something was missed.
  const ofEach = isSameFields([...together.values()].flat(), full) ? together : await ask(names);
  if (isFine) {
    const ofRequest = [...ofEach].map(([name, list]) => {
      const leaves = sortedReferences(list.map((reference) => fieldOf(reference) ?? []));
      return [name, leaves.filter((leaf) => !isOfPrincipal(leaf))] as const;
    });
    return { references, ofRequest: new Map(ofRequest), problems: [] };
  }
  const problems = rules.flatMap(({ file, rule }) => {
    const name = nameOfRule(rule);
    const found = (ofEach.get(name) ?? []).flatMap((reference) => problemOf(reference, parameters) ?? []);
    const byMessage = new Map(found.map((one) => [one.message, one]));
    return [...byMessage.values()].map(({ code, message }) => {
      return { code, file, line: rule.location.row, message: `${name}: ${message}` };
    });
  });
  return { references: [], ofRequest: new Map(), problems };
}

/** Finds the references of each of some conditions by a call of OPA. */
async function referencesOfEach(
  names: readonly string[],
  ask: (name: string) => Promise<readonly InputReference[]>,
): Promise<ReadonlyMap<string, readonly InputReference[]>> {
  const ofEach = new Map<string, readonly InputReference[]>();
  const left = [...names];
  const askNext = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) ofEach.set(name, await ask(name));
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, askNext));
  return ofEach;
}

/** Tells whether references lead to the same fields. One that ends above a field counts as it is. */
function isSameFields(some: readonly InputReference[], others: readonly InputReference[]): boolean {
  const [fields, otherFields] = [some, others].map((list) => sortedReferences(list.map((one) => fieldOf(one) ?? one)));
  return JSON.stringify(fields) === JSON.stringify(otherFields);
}

/** Finds the fields of the input that a condition reads, without the claims that it gets by `caller.values`. */
export async function fieldsOfCondition(
  opa: Opa,
  sources: readonly ParsedFile[],
  name: string,
): Promise<readonly InputReference[]> {
  const own = sources.filter(({ part }) => part === "conditions" || part === "library").map(({ file }) => file);
  const read = await referencesOf(opa, [...ENGINE_FILES, ...own], `data.access.conditions.${name}`);
  return read.map(fieldOf).filter((leaf) => leaf !== undefined);
}

/** The number of OPA processes at one time. A policy may have hundreds of conditions. */
const CALLS_AT_ONCE = 4;

function isOfPrincipal([root]: InputReference): boolean {
  return root === "principal";
}

/** Sorts references, without duplicates. */
export function sortedReferences(references: readonly InputReference[]): readonly InputReference[] {
  const byText = new Map(references.map((read) => [JSON.stringify(read), read]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, read]) => read);
}

async function referencesOf(opa: Opa, files: readonly string[], query: string): Promise<readonly InputReference[]> {
  const { succeeded, stdout, stderr } = await opa(
    "deps",
    "--format",
    "json",
    ...files.flatMap((file) => ["--data", file]),
    query,
  );
  if (!succeeded) throw new Error(`opa deps ${query}: ${stderr || stdout}`);
  const { base = [] } = JSON.parse(stdout) as { base?: readonly (readonly Term[])[] };
  return base.filter(([root]) => root?.value === "input").map(([, ...path]) => path.map(({ value }) => String(value)));
}

/** Lists the parameters that conditions get: those in the paths of grants and denials that have a condition. */
function parametersOf(sources: readonly ParsedFile[]): ReadonlySet<string> {
  const rules = sources.filter(({ part }) => part === "area").flatMap(({ module }) => module.rules ?? []);
  const paths = rules.flatMap(({ head }) => {
    const keys = head.value?.type === "object" ? head.value.value : [];
    const hasCondition = keys.some(([key]) => key.value === "when" || key.value === "unless");
    return keys.flatMap(([key, value]) =>
      hasCondition && key.value === "path" && value.type === "string" ? [value.value] : [],
    );
  });
  return new Set(paths.flatMap(namesOfParameters));
}

function problemOf(reference: InputReference, parameters: ReadonlySet<string>): ProblemText | undefined {
  const leaf = fieldOf(reference);
  const text = ["input", ...reference].join(".");
  if (leaf === undefined) {
    const message =
      `reads ${text} without naming a field of it, so the policy would get, and the log would show, all of it; ` +
      'name the field, as in input.request.headers["x-tenant"], and give helpers the value, not the object around it';
    return { code: "input.incomplete_reference", message };
  }
  const [root, branch = "", name = ""] = leaf;
  if (root === "params" && !parameters.has(branch)) {
    const message = `reads ${text}, but no grant or denial with a condition has {${branch}} in its path; correct the name`;
    return { code: "input.unknown_parameter", message };
  }
  if (root === "calendar" && createZoneFormat(branch) === undefined) {
    const message = `reads the calendar of ${JSON.stringify(branch)}, which is not a time zone; write its IANA name, like "Europe/Berlin"`;
    return { code: "input.unknown_time_zone", message };
  }
  if (root === "request" && branch === "ambiguous") {
    const message =
      "reads input.request.ambiguous, which the engine reads itself: a condition on a field with several values is never true; read the field";
    return { code: "input.ambiguous", message };
  }
  if (root !== "request" || branch !== "headers") return undefined;
  if (name === "authorization") {
    const message = "reads the header that carries the token, which conditions do not get; read input.principal.claims";
    return { code: "input.token_header", message };
  }
  if (name === name.toLowerCase()) return undefined;
  const message = `reads a header by a name with capital letters, but the input has all names in lower case; write "${name.toLowerCase()}"`;
  return { code: "input.header_case", message };
}
