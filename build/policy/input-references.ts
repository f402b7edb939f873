import type { InputReference } from "../../contract/manifest.ts";
import { namesOfParameters } from "../../contract/path-template.ts";
import {
  answersOf,
  type ForEachKey,
  type IndexedDenial,
  type IndexedGrant,
  type IndexedRoles,
  type NoOtherKeys,
  type PolicyIndex,
} from "../../contract/policy-index.ts";
import type { Opa } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Term } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";
import type { Refusal } from "./refused-references.ts";

/** The principal's id is for the decision log; method and path are looked up for every request. */
const ALWAYS_READ: readonly InputReference[] = [
  ["principal", "id"],
  ["request", "method"],
  ["request", "path"],
];

const nothingElse = (): readonly InputReference[] => [];

/** What the engine reads of an input because of a grant. */
const REFERENCES_OF_GRANT: ForEachKey<IndexedGrant, readonly InputReference[]> = {
  // They are held by what the table of roles is read for.
  roles: nothingElse,
  verbs: nothingElse,
  path: nothingElse,
  params: nothingElse,
  tail: nothingElse,
  where: ({ where }) => Object.values(where).map(claimOf),
  // What they read is found by `referencesOfConditions`.
  when: nothingElse,
};

/** What the engine reads of an input because of a denial. */
const REFERENCES_OF_DENIAL: ForEachKey<IndexedDenial, readonly InputReference[]> = {
  roles: nothingElse,
  verbs: nothingElse,
  path: nothingElse,
  params: nothingElse,
  tail: nothingElse,
  unless: nothingElse,
};

/** What the engine reads of an input to find the principal's roles. */
const REFERENCES_OF_ROLES: ForEachKey<IndexedRoles, readonly InputReference[]> = {
  groups: ({ groups }) => (isEmpty(groups) ? [] : [claimOf("cognito:groups")]),
  scopes: ({ scopes }) => (isEmpty(scopes) ? [] : [["principal", "kind"], claimOf("scope")]),
  claims: ({ claims }) => Object.keys(claims).map(claimOf),
};

/** Lists what the engine itself reads of an input. */
export function referencesOfEngine(index: PolicyIndex): readonly InputReference[] {
  const { grants, denials, roles, exact: _exact, greedy: _greedy, ...others } = index;
  others satisfies NoOtherKeys;
  return [
    ...ALWAYS_READ,
    ...Object.values(grants).flatMap((grant) => answersOf(REFERENCES_OF_GRANT, grant).flat()),
    ...Object.values(denials).flatMap((denial) => answersOf(REFERENCES_OF_DENIAL, denial).flat()),
    ...answersOf(REFERENCES_OF_ROLES, roles).flat(),
  ];
}

function claimOf(claim: string): InputReference {
  return ["principal", "claims", claim];
}

function isEmpty(table: object): boolean {
  return Object.keys(table).length === 0;
}

/** What conditions read of an input, helpers included. */
export interface ConditionReferences {
  /** Of all of them. */
  readonly references: readonly InputReference[];
  /** By condition, apart from the principal. */
  readonly ofRequest: ReadonlyMap<string, readonly InputReference[]>;
  /** References that can't be named. */
  readonly problems: readonly Problem[];
}

/** Finds out what conditions read. */
export async function referencesOfConditions(opa: Opa, sources: readonly ParsedFile[]): Promise<ConditionReferences> {
  const conditions = sources.filter(({ part }) => part === "conditions");
  const rules = conditions.flatMap(({ file, module }) => (module.rules ?? []).map((rule) => ({ file, rule })));
  if (rules.length === 0) return { references: [], ofRequest: new Map(), problems: [] };
  const libraries = sources.filter(({ part }) => part === "library");
  const files = ["policies/engine/values.rego", ...[...conditions, ...libraries].map(({ file }) => file)];

  const parameters = parametersOf(sources);
  const full = await referencesOf(opa, files, "data.access.conditions");
  const isFine = full.every((reference) => problemOf(reference, parameters) === undefined);
  const references = isFine ? sortedReferences(full.map((reference) => leafOf(reference) ?? [])) : [];
  if (isFine && references.every(isOfPrincipal)) return { references, ofRequest: new Map(), problems: [] };

  // One call for each condition, to tell which it is.
  const own = new Map<string, readonly InputReference[]>();
  const names = [...new Set(rules.map(({ rule }) => nameOfRule(rule)))];
  const askForNext = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      own.set(name, await referencesOf(opa, files, `data.access.conditions.${name}`));
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, askForNext));
  if (isFine) {
    const ofRequest = [...own].map(([name, list]) => {
      const leaves = sortedReferences(list.map((reference) => leafOf(reference) ?? []));
      return [name, leaves.filter((leaf) => !isOfPrincipal(leaf))] as const;
    });
    return { references, ofRequest: new Map(ofRequest), problems: [] };
  }
  const problems = rules.flatMap(({ file, rule }) => {
    const name = nameOfRule(rule);
    const found = (own.get(name) ?? []).flatMap((reference) => problemOf(reference, parameters) ?? []);
    const byMessage = new Map(found.map((one) => [one.message, one]));
    return [...byMessage.values()].map(({ code, message }) => {
      return { code, file, line: rule.location.row, message: `${name}: ${message}` };
    });
  });
  return { references: [], ofRequest: new Map(), problems };
}

/** Of OPA: a policy may have hundreds of conditions. */
const CALLS_AT_ONCE = 4;

function isOfPrincipal([root]: InputReference): boolean {
  return root === "principal";
}

/** Sorted, each once. */
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

/** The field of the input that a reference leads to or into; undefined if it stops short of one. */
function leafOf(reference: InputReference): InputReference | undefined {
  const [root, branch] = reference;
  const isMap = branch === "claims" || branch === "headers" || branch === "query";
  const depth = root === "now_s" ? 1 : isMap ? 3 : 2;
  return reference.length < depth ? undefined : reference.slice(0, depth);
}

/** The parameters that conditions are given: those in the paths of the grants and denials that ask for any. */
function parametersOf(sources: readonly ParsedFile[]): ReadonlySet<string> {
  const rules = sources.filter(({ part }) => part === "area").flatMap(({ module }) => module.rules ?? []);
  const paths = rules.flatMap(({ head }) => {
    const keys = head.value?.type === "object" ? head.value.value : [];
    const asks = keys.some(([key]) => key.value === "when" || key.value === "unless");
    return keys.flatMap(([key, value]) =>
      asks && key.value === "path" && value.type === "string" ? [value.value] : [],
    );
  });
  return new Set(paths.flatMap(namesOfParameters));
}

function problemOf(reference: InputReference, parameters: ReadonlySet<string>): Refusal | undefined {
  const leaf = leafOf(reference);
  const text = ["input", ...reference].join(".");
  if (leaf === undefined) {
    const message =
      `reads ${text} without saying which field of it, so that all of it would have to be sent and logged; ` +
      'name the field, as in input.request.headers["x-tenant"], and give helpers the value, not the object around it';
    return { code: "input.incomplete_reference", message };
  }
  const [root, branch = "", name = ""] = leaf;
  if (root === "params" && !parameters.has(branch)) {
    const message = `reads ${text}, but no grant or denial that asks for a condition has {${branch}} in its path`;
    return { code: "input.unknown_parameter", message };
  }
  if (branch !== "headers") return undefined;
  if (name === "authorization") {
    const message =
      "reads the header that carries the token, which is not given to conditions; read input.principal.claims";
    return { code: "input.token_header", message };
  }
  if (name === name.toLowerCase()) return undefined;
  const message = `reads a header by a name that no header has, since all are in lower case; write "${name.toLowerCase()}"`;
  return { code: "input.header_case", message };
}
