import { createHash } from "node:crypto";
import type { ConditionFacts } from "../../contract/condition-facts.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isObject, isText } from "../../contract/json.ts";
import type { IndexedRoles } from "../../contract/policy-index.ts";
import { listRoleWays } from "../../contract/role-ways.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Term } from "../rego/syntax-tree.ts";
import { formatDefinition, type PolicyNames } from "./canonical-rules.ts";
import { toRoleFormula } from "./role-formulas.ts";
import { type Definition, parseFullName, readVocabulary } from "./vocabulary.ts";

/** The parts of a checked policy that conditions are made of. */
export interface ConditionSources {
  readonly sources: readonly ParsedFile[];
  /** The roles with the ways to hold them. */
  readonly roles: IndexedRoles;
  /** The value of `data.data`. */
  readonly base: unknown;
}

/**
 * Makes the facts by which conditions are compared between two policies.
 *
 * The names of conditions, helpers, variables, parameters and roles, the layout, comments and the order of definitions have
 * no effect on them. Every operator, literal, helper and base datum that a condition reads has one.
 *
 * @param names - The conditions that grants and denials name.
 */
export function toConditionFacts(
  names: readonly string[],
  policy: ConditionSources,
): Readonly<Record<string, ConditionFacts>> {
  const formatter = createFormatter(policy);
  return Object.fromEntries(names.map((name) => [name, formatter(name)]));
}

/** All definitions of a name, by the package and the first part of the name: `data.access_lib.limits`. */
type Groups = ReadonlyMap<string, readonly Definition[]>;

/** Base data of at most this many characters stand in the text of a condition. */
const MAX_DATA_CHARS = 120;

function createFormatter({ sources, roles, base }: ConditionSources): (name: string) => ConditionFacts {
  const readers = sources.filter(({ part }) => part === "conditions" || part === "library");
  const definitions = [...readVocabulary(new Map(), readers).helpers.values()].flat();
  const groups: Groups = groupBy(definitions, (one) => `${one.package}.${one.rule.head.ref[0]?.value}`);
  const conditions = (name: string) => groups.get(`data.access.conditions.${name}`) ?? [];
  const waysOf = createWays(roles);
  const keys = new Map<string, GroupKey>();

  /** Makes a key of a group that has no names in it, by which definitions are sorted. */
  const keyOf = (group: string): GroupKey => {
    const known = keys.get(group);
    if (known !== undefined) return known;
    const parameters = createNumbers();
    const text = formatGroup(groups.get(group) ?? [], "h", keyNames(parameters)).join(", ");
    const made = { digest: digestOf(text), params: parameters.names() };
    keys.set(group, made);
    return made;
  };
  const unnumbered: Renamed = {
    parameter: () => "$",
    helper: (group) => keyOf(group).digest,
    datum: () => undefined,
  };
  const keyNames = (parameters: Numbers): PolicyNames =>
    toPolicyNames(groups, waysOf, unnumbered, {
      parameter: (name) => `$${parameters.numberOf(name)}`,
      helper(group) {
        const { digest, params } = keyOf(group);
        return `${digest}(${params.map((name) => `$${parameters.numberOf(name)}`).join(",")})`;
      },
      datum: () => undefined,
    });
  const formatGroup = (group: readonly Definition[], name: string | undefined, names: PolicyNames) =>
    sortedByKey(group, (one) => formatDefinition(one, name, keyNames(createNumbers()))).map((one) =>
      formatDefinition(one, name, names),
    );

  return (name) => {
    const [parameters, helpers, data] = [createNumbers(), createNumbers(), new Set<string>()];
    const names = toPolicyNames(groups, waysOf, unnumbered, {
      parameter: (parameter) => `$${parameters.numberOf(parameter)}`,
      helper: (group) => `f${helpers.numberOf(group)}`,
      datum: (path) => data.add(JSON.stringify(path)),
    });
    const alternatives = joinAlternatives(formatGroup(conditions(name), undefined, names));
    const helping: string[] = [];
    // Formatting a helper may add another one.
    for (let at = 0; at < helpers.names().length; at += 1) {
      helping.push(...formatGroup(groups.get(helpers.names()[at] ?? "") ?? [], `f${at + 1}`, names));
    }
    const read = [...data].sort().map((path) => toDatum(JSON.parse(path), base));
    const toText = (format: (datum: Datum) => string) => {
      const where = [...helping, ...read.map((datum) => `${datum.name} is ${format(datum)}`)];
      return where.length === 0 ? alternatives : `${alternatives} where ${where.join(", ")}`;
    };
    const formula = toRoleFormula(conditions(name), groups);
    return {
      digest: `sha256:${digestOf(toText(({ text }) => text))}`,
      text: toText(formatDatum),
      params: parameters.names(),
      ...(formula !== undefined && { roles: formula }),
    };
  };
}

/** Joins the definitions of a condition. Those with several statements are in parentheses. */
function joinAlternatives(definitions: readonly string[]): string {
  if (definitions.length < 2) return definitions.join("");
  return definitions.map((text) => (text.includes("; ") ? `(${text})` : text)).join(" or ");
}

interface GroupKey {
  readonly digest: string;
  readonly params: readonly string[];
}

interface Numbers {
  readonly numberOf: (name: string) => number;
  /** In the order of their numbers. */
  readonly names: () => readonly string[];
}

/** Numbers names in the order in which they come first. */
function createNumbers(): Numbers {
  const names: string[] = [];
  return {
    numberOf(name) {
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name) + 1;
    },
    names: () => names,
  };
}

interface Renamed {
  readonly parameter: (name: string) => string;
  readonly helper: (group: string) => string;
  /** Notes that a condition reads a base datum. */
  readonly datum: (path: readonly string[]) => void;
}

function toPolicyNames(
  groups: Groups,
  waysOf: (role: string) => string,
  unnumbered: Renamed,
  { parameter, helper, datum }: Renamed = unnumbered,
): PolicyNames {
  const fullNameOf = (name: string, { package: own, imports }: Definition) =>
    imports.get(name) ?? (groups.has(`${own}.${name}`) ? `${own}.${name}` : name);
  return {
    unnumbered: () => toPolicyNames(groups, waysOf, unnumbered),
    isGlobal: (name, definition) => {
      return name === "input" || name === "data" || fullNameOf(name, definition) !== name;
    },
    global(name, path, definition) {
      const start = parseFullName(fullNameOf(name, definition));
      const literals = path
        .slice(0, path.findIndex((part) => !isTextTerm(part)) >>> 0)
        .map(({ value }) => String(value));
      const parts = [...start, ...literals];
      const takenOf = (length: number) => Math.max(length - start.length, 0);
      if (parts[0] === "input" && parts[1] === "params" && parts[2] !== undefined) {
        return { text: parameter(parts[2]), taken: takenOf(3) };
      }
      if (parts[0] === "data" && parts[1] === "data") {
        datum(parts.slice(2));
        return { text: `${start.slice(0, 2).join(".")}${formatKeys(start.slice(2))}`, taken: 0 };
      }
      for (let length = 3; length <= parts.length; length += 1) {
        const group = parts.slice(0, length).join(".");
        if (groups.has(group)) return { text: helper(group), taken: takenOf(length) };
      }
      return { text: start.join(".").replace(/^data\.engine\./, ""), taken: 0 };
    },
    call(operator, operands, definition) {
      const [first, ...path] = operator.type === "ref" ? operator.value : [operator];
      const [role] = operands;
      if (first?.type !== "var" || role?.type !== "string") return undefined;
      const name = [fullNameOf(first.value, definition), ...path.map(({ value }) => String(value))].join(".");
      return name === "data.engine.caller.has_role" ? `caller.has_role(${waysOf(role.value)})` : undefined;
    },
  };
}

function isTextTerm(term: Term): boolean {
  return term.type === "string" && isText(term.value);
}

/** Creates the function that formats the ways to hold a role, since the name of a role has no effect. */
function createWays(roles: IndexedRoles): (role: string) => string {
  const ways = listRoleWays(roles);
  return (role) => {
    if (role === "authenticated") return role;
    const own = ways.filter((way) => way.roles.includes(role));
    const texts = own.map(({ by, claim, value, issuer }) => {
      const name = by === "claim" ? `claim ${JSON.stringify(claim)}` : by;
      return `${name} ${JSON.stringify(value)}${issuer === undefined ? "" : ` of the issuer ${JSON.stringify(issuer)}`}`;
    });
    return texts.length === 0 ? "nobody" : texts.sort().join(" or ");
  };
}

interface Datum {
  /** `data.data.office.networks` */
  readonly name: string;
  /** Its value as JSON with sorted keys. */
  readonly text: string;
}

/** Reads the value at a path of base data, or at the longest part of the path that exists. */
function toDatum(path: readonly string[], base: unknown): Datum {
  const keys: string[] = [];
  let value = base;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) break;
    keys.push(key);
    value = value[key];
  }
  return { name: `data.data${formatKeys(keys)}`, text: toSortedJson(value) };
}

function formatKeys(keys: readonly string[]): string {
  return keys.map((key) => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)).join("");
}

function formatDatum({ text }: Datum): string {
  return text.length <= MAX_DATA_CHARS ? text : `sha256:${digestOf(text).slice(0, 16)}…`;
}

function toSortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toSortedJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "undefined";
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${toSortedJson(value[key])}`);
  return `{${entries.join(",")}}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Sorts items by a key; items with equal keys keep their order. */
function sortedByKey<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ item }) => item);
}
