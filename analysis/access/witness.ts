import type { EngineInput } from "../../contract/engine-input.ts";
import { own } from "../../contract/json.ts";
import { segmentsOf } from "../../contract/path-template.ts";
import { listRoleWays } from "../../contract/role-ways.ts";
import { nameOfInstance } from "./lock.ts";
import type { AccessPolicy, Apis, Atom, Change, Terms, Who } from "./model.ts";

/** One request that shows a change. */
export interface Witness {
  readonly input: EngineInput;
  /** The answers of conditions by which the input shows the change. */
  readonly assumes: Readonly<Record<string, boolean>>;
}

/** The facts about two policies that witnesses depend on. */
export interface WitnessFacts {
  readonly sides: readonly [before: AccessPolicy, after: AccessPolicy];
  /** The literal segments of all paths, and the values of claims that give roles. A fresh segment differs from all of them. */
  readonly literals: ReadonlySet<string>;
  /** The number of segments of the longest path. */
  readonly longest: number;
  /** The claims that grants compare with segments. */
  readonly compared: ReadonlySet<string>;
  /** Whether a rule names APIs. */
  readonly namesApis: boolean;
}

/** Collects the facts about two policies that the witnesses of their changes depend on. */
export function toWitnessFacts(before: AccessPolicy, after: AccessPolicy): WitnessFacts {
  const sides = [before, after] as const;
  const rules = sides.flatMap(({ grants, denials }) => [...Object.values(grants), ...Object.values(denials)]);
  const publicRules = sides.flatMap((side) => side.publicRules);
  const paths = [...rules, ...publicRules].map(({ path }) => segmentsOf(path));
  const values = sides.flatMap(({ roles }) => listRoleWays(roles)).map(({ value }) => value);
  return {
    sides,
    literals: new Set([...paths.flat(), ...values]),
    longest: Math.max(0, ...paths.map(({ length }) => length)),
    compared: new Set(
      sides.flatMap(({ grants }) => Object.values(grants).flatMap(({ where }) => Object.values(where))),
    ),
    namesApis: rules.some(({ api }) => api.length > 0) || publicRules.some(({ apis = [] }) => apis.length > 0),
  };
}

/** Makes a request that shows a change. */
export function toWitness(change: Change, facts: WitnessFacts): Witness {
  const { truths, own } = toAssumed(change, facts);
  const { who, verbs, apis } = change;
  const segments = toSegments(change, own, facts);
  const [verb = "GET"] = verbs;
  const api = toApi(apis, facts);
  return {
    input: {
      principal: toPrincipal(who, own, segments, facts),
      request: {
        method: verb === "ANY" ? "GET" : verb,
        path: `/${segments.join("/")}`,
        ...(api !== undefined && { api }),
      },
    },
    assumes: truths,
  };
}

interface Assumed {
  readonly truths: Readonly<Record<string, boolean>>;
  readonly own: Terms["own"];
}

/** Chooses what holds, so that the two sides differ: all of one alternative, and nothing else. */
function toAssumed(change: Change, facts: WitnessFacts): Assumed {
  const { kind, terms } = change;
  const keyed = (side: 0 | 1, list: readonly Terms[]) => list.map((one) => toKeyed(side, one, facts));
  const [before, after] = [keyed(0, terms.before), keyed(1, terms.after)];
  const names = new Map([...before, ...after].flatMap((one) => [...one.conditions]));
  const assume = (isTrue: (key: string) => boolean): Assumed["truths"] =>
    Object.fromEntries([...names].map(([key, name]) => [name, isTrue(key)]));
  if (kind === "guard") {
    const [was, is] = [before, after].map(([one]) => new Set(one?.conditions.keys()));
    const isAlways = (access: Change["before"], list: readonly Terms[]) => access === "denied" && list.length === 0;
    // The other side's denial must be lifted, so that it differs from one that always holds.
    if (isAlways(change.before, terms.before) || isAlways(change.after, terms.after))
      return { truths: assume(() => true), own: [] };
    if (change.before === "none" || change.after === "none") return { truths: assume(() => false), own: [] };
    const only = [...names.keys()].find((key) => was?.has(key) !== is?.has(key));
    return { truths: assume((key) => key !== only), own: [] };
  }
  const [more, less] = kind === "loss" ? [before, after] : [after, before];
  const bySize = [...(more.length > 0 ? more : less)].sort((one, other) => one.all.length - other.all.length);
  const isImplied = (one: Keyed) => less.some((other) => other.all.every((item) => one.all.includes(item)));
  const shown = (kind === "condition" ? undefined : bySize.find((one) => !isImplied(one))) ?? bySize[0];
  return { truths: assume((key) => shown?.conditions.has(key) === true), own: shown?.own ?? [] };
}

interface Keyed {
  /** The names of condition instances, by keys that both sides have for the same instance. */
  readonly conditions: ReadonlyMap<string, string>;
  readonly own: Terms["own"];
  readonly all: readonly string[];
}

function toKeyed(side: 0 | 1, { conditions, own }: Terms, facts: WitnessFacts): Keyed {
  const keys = new Map(conditions.map((instance) => [keyOfInstance(side, instance, facts), instance]));
  return { conditions: keys, own, all: [...keys.keys(), ...own.map(([at, claim]) => `own ${at} ${claim}`)] };
}

/** Names an instance so that both sides have one name for it: by the digest, or by the name of a changed condition. */
export function keyOfInstance(side: 0 | 1, instance: string, { sides }: Pick<WitnessFacts, "sides">): string {
  const name = nameOfInstance(instance);
  const positions = instance.slice(name.length);
  const [mine, other] = side === 0 ? [sides[0], sides[1]] : [sides[1], sides[0]];
  const digest = own(mine.conditions, name)?.digest ?? name;
  const hasDigest = ({ conditions }: AccessPolicy, wanted: string) =>
    Object.values(conditions).some((one) => one.digest === wanted);
  const same = own(other.conditions, name);
  const isChanged = same !== undefined && !hasDigest(other, digest) && !hasDigest(mine, same.digest);
  return isChanged ? `${name}${positions}` : `${digest}${positions}`;
}

function toSegments({ region, who }: Change, own: Terms["own"], facts: WitnessFacts): readonly string[] {
  const written = segmentsOf(region.path);
  const isGreedy = written.at(-1) === "{+}";
  const fixed = isGreedy ? written.slice(0, -1) : written;
  const least = Math.max(0, ...own.map(([at]) => at + 1));
  const lengths = isGreedy
    ? Array.from({ length: facts.longest + 2 }, (_, more) => Math.max(fixed.length + 1, least) + more)
    : [fixed.length];
  const attempts = lengths.map((length) => toFresh(fixed, length, own, who, facts.literals));
  const isOutside = (segments: readonly string[]) => !region.except.some((path) => isMatch(segmentsOf(path), segments));
  return attempts.find(isOutside) ?? attempts[0] ?? [];
}

/** Fills a path with fresh segments. Those that must equal one claim are equal. */
function toFresh(
  fixed: readonly string[],
  length: number,
  own: Terms["own"],
  { atoms }: Who,
  literals: ReadonlySet<string>,
): readonly string[] {
  const byClaim = new Map<string, string>();
  for (const atom of atoms) if (atom.by === "claim") byClaim.set(atom.claim, atom.value);
  let count = 0;
  const next = (): string => {
    const letter = String.fromCharCode(97 + (count % 26));
    const text = count < 26 ? letter : `${letter}${Math.floor(count / 26)}`;
    count += 1;
    return literals.has(text) || [...byClaim.values()].includes(text) ? next() : text;
  };
  return Array.from({ length }, (_, at) => {
    const written = fixed[at];
    const claim = own.find(([position]) => position === at)?.[1];
    if (written !== undefined && written !== "{}") return written;
    const text = (claim === undefined ? undefined : byClaim.get(claim)) ?? next();
    if (claim !== undefined) byClaim.set(claim, text);
    return text;
  });
}

/** Tells whether the template of a region matches the segments of a path. */
function isMatch(template: readonly string[], segments: readonly string[]): boolean {
  const isGreedy = template.at(-1) === "{+}";
  const fixed = isGreedy ? template.slice(0, -1) : template;
  if (isGreedy ? segments.length <= fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((text, at) => text === "{}" || text === segments[at]);
}

function toPrincipal(
  { atoms, issuer }: Who,
  own: Terms["own"],
  segments: readonly string[],
  { compared }: WitnessFacts,
): NonNullable<EngineInput["principal"]> {
  const valuesOf = (by: Atom["by"]) => atoms.flatMap((atom) => (atom.by === by ? [atom.value] : []));
  const [groups, scopes] = [valuesOf("group"), valuesOf("scope")];
  const claims: Record<string, unknown> = {};
  for (const atom of atoms) {
    if (atom.by !== "claim") continue;
    const value = toClaim(claims[atom.claim], atom.value);
    // Where the change does not ask that a claim equals a segment, it must not: a list equals none.
    claims[atom.claim] = compared.has(atom.claim) ? [value].flat() : value;
  }
  for (const [at, claim] of own) claims[claim] = segments[at];
  const kinds = valuesOf("kind");
  const kind = kinds[0] === "user" ? "user" : kinds[0] === "machine" || scopes.length > 0 ? "machine" : undefined;
  return {
    ...(kind !== undefined && { kind }),
    ...(issuer !== undefined && { issuer_name: issuer }),
    claims: {
      ...claims,
      ...(groups.length > 0 && { "cognito:groups": groups }),
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    },
  };
}

/** Adds a value to a claim. A text that an issuer could have joined from several values stands in a list. */
function toClaim(claim: unknown, value: string): unknown {
  if (Array.isArray(claim)) return [...claim, value];
  if (claim !== undefined) return [claim, value];
  return /^[\w.:/ @-]+$/.test(value) && !value.startsWith("arn:") ? value : [value];
}

function toApi(apis: Apis, { namesApis, sides }: WitnessFacts): string | undefined {
  if (apis !== undefined && "only" in apis) return apis.only[0];
  if (!namesApis) return undefined;
  // An API that no rule names. If the API were not known, the denials for all named ones would apply.
  const text = JSON.stringify(sides.map(({ grants, denials, publicRules }) => [grants, denials, publicRules]));
  let name = "other";
  while (text.includes(`"${name}"`)) name += "-api";
  return name;
}
